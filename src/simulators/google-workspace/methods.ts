// Every API method the simulated Google has.
import type { ApiMethod } from './api.ts';
import { aliasMethods } from './classroom/aliases.ts';
import { courseMethods } from './classroom/courses.ts';
import { invitationMethods } from './classroom/invitations.ts';
import { memberMethods } from './classroom/members.ts';
import { profileMethods } from './classroom/profiles.ts';
import { userMethods } from './directory/users.ts';
import type { Rules } from './rules.ts';
import type { World } from './world.ts';

/** The methods over one world. */
export function googleMethods(world: World, rules: Rules): ApiMethod[] {
  return [
    ...courseMethods(world, rules),
    ...aliasMethods(world, rules),
    ...memberMethods(world, rules, 'students'),
    ...memberMethods(world, rules, 'teachers'),
    ...invitationMethods(world, rules),
    ...profileMethods(world),
    ...userMethods(world, rules),
  ];
}
