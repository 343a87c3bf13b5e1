// userProfiles.get, and the profile that stands in every roster row.
import type { ApiMethod, Call } from '../api.ts';
import { classroomRefusal, NO_PERMISSION } from '../errors.ts';
import { findUser } from '../people.ts';
import { digitsOf, type User, type World } from '../world.ts';

/** The profile method. An unknown profile is refused with PERMISSION_DENIED, not with NOT_FOUND. */
export function profileMethods(world: World): ApiMethod[] {
  return [
    {
      id: 'classroom.userProfiles.get',
      method: 'GET',
      path: '/v1/userProfiles/{userId}',
      scopes: [
        'classroom.profile.emails',
        'classroom.profile.photos',
        'classroom.rosters',
        'classroom.rosters.readonly',
      ],
      handler: (call) => {
        const { caller, params } = call;
        const user = params.userId === 'me' ? caller.user : findUser(world, params.userId ?? '');
        if (user === undefined || user.domain !== caller.user.domain) {
          throw classroomRefusal('PERMISSION_DENIED', NO_PERMISSION);
        }
        return { status: 200, json: profileJson(user, call) };
      },
    },
  ];
}

/** A profile with what the caller's scopes let him see. */
export function profileJson(user: User, { caller }: Call): object {
  const { id, givenName, familyName, primaryEmail } = user;
  return {
    id,
    name: { givenName, familyName, fullName: `${givenName} ${familyName}` },
    ...(caller.scopes.has('classroom.profile.emails') && { emailAddress: primaryEmail }),
    ...(caller.scopes.has('classroom.profile.photos') && {
      photoUrl: `//lh3.googleusercontent.com/a/${digitsOf(`photo ${id}`, 20)}`,
    }),
    ...(user === caller.user && { permissions: [{ permission: 'CREATE_COURSE' }] }),
    verifiedTeacher: false,
  };
}
