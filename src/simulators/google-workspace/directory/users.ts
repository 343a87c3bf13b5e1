// The Directory API's users: list, get, insert, update, patch and delete. All for admins only.
import type { ApiMethod, Call } from '../api.ts';
import { directoryRefusal } from '../errors.ts';
import { addUser, changeUser, findUser, moveUser, removeUser } from '../people.ts';
import type { Rules } from '../rules.ts';
import type { User, World } from '../world.ts';
import { checkAddress, readUserWrite } from './user-changes.ts';
import { etagOf, type Projection, userJson } from './user-json.ts';
import { listUsers, projectionOf } from './user-list.ts';

const WRITE = ['admin.directory.user'];
const READ = [...WRITE, 'admin.directory.user.readonly'];
const PATH = '/admin/directory/v1/users';

/** The user methods. */
export function userMethods(world: World, rules: Rules): ApiMethod[] {
  const answer = (user: User, projection?: Projection) => ({
    status: 200,
    headers: { etag: etagOf(user) },
    json: userJson(user, projection),
  });
  const change = (call: Call) => answer(changeNamed(world, call, rules));

  return [
    {
      id: 'directory.users.list',
      method: 'GET',
      path: PATH,
      scopes: [...READ, 'cloud-platform'],
      query:
        'customer domain maxResults pageToken query orderBy sortOrder projection customFieldMask showDeleted viewType event'.split(
          ' ',
        ),
      handler: (call) => {
        checkAdmin(call);
        return { status: 200, json: listUsers(call) };
      },
    },
    {
      id: 'directory.users.get',
      method: 'GET',
      path: `${PATH}/{userKey}`,
      scopes: READ,
      query: ['projection', 'customFieldMask', 'viewType'],
      handler: (call) => answer(userNamed(world, call), projectionOf(call)),
    },
    {
      id: 'directory.users.insert',
      method: 'POST',
      path: PATH,
      scopes: WRITE,
      query: ['resolveConflictAccount'],
      handler: (call) => answer(insertUser(world, call)),
    },
    { id: 'directory.users.update', method: 'PUT', path: `${PATH}/{userKey}`, scopes: WRITE, handler: change },
    { id: 'directory.users.patch', method: 'PATCH', path: `${PATH}/{userKey}`, scopes: WRITE, handler: change },
    {
      id: 'directory.users.delete',
      method: 'DELETE',
      path: `${PATH}/{userKey}`,
      scopes: WRITE,
      handler: (call) => {
        removeUser(world, userNamed(world, call));
        return { status: 204 };
      },
    },
  ];
}

function insertUser(world: World, call: Call): User {
  checkAdmin(call);
  const { domain } = call.caller.user;
  const { primaryEmail, password, change } = readUserWrite(call.body);
  const { givenName, familyName } = change;
  if (primaryEmail === undefined) throw missing('primary_user_email');
  if (givenName === undefined) throw missing('given_name');
  if (familyName === undefined) throw missing('family_name');
  if (password === undefined) throw missing('password');

  checkAddress(domain, primaryEmail);
  if (findUser(world, primaryEmail) !== undefined) throw duplicate();

  const user = addUser(world, domain, { primaryEmail, givenName, familyName });
  changeUser(user, change);
  return user;
}

function changeNamed(world: World, call: Call, rules: Rules): User {
  const user = userNamed(world, call);
  if (call.now.getTime() - user.createdAt.getTime() < rules.userCreationMs) {
    throw directoryRefusal(412, 'conditionNotMet', 'User creation is not complete.');
  }

  const { primaryEmail = user.primaryEmail, change } = readUserWrite(call.body, user);
  checkAddress(user.domain, primaryEmail);
  const holder = findUser(world, primaryEmail);
  if (holder !== undefined && holder !== user) throw duplicate();

  if (primaryEmail !== user.primaryEmail) moveUser(world, user, primaryEmail);
  changeUser(user, change);
  return user;
}

/** The user of the caller's own domain that a key names. */
function userNamed(world: World, call: Call): User {
  checkAdmin(call);
  const user = findUser(world, call.params.userKey ?? '');
  if (user === undefined || user.domain !== call.caller.user.domain) {
    throw directoryRefusal(404, 'notFound', 'Resource Not Found: userKey');
  }
  return user;
}

function checkAdmin({ caller }: Call): void {
  if (!caller.user.isAdmin) throw directoryRefusal(403, 'forbidden', 'Not Authorized to access this resource/api');
}

function missing(field: string): Error {
  return directoryRefusal(400, 'required', `Missing required field: ${field}`);
}

function duplicate(): Error {
  return directoryRefusal(409, 'duplicate', 'Entity already exists.');
}
