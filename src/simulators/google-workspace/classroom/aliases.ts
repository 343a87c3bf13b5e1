// courses.aliases: create, list and delete.
import type { ApiMethod, Call } from '../api.ts';
import { addAlias, aliasKey, removeAlias } from '../courses.ts';
import { classroomRefusal, NO_PERMISSION, NOT_FOUND } from '../errors.ts';
import type { Rules } from '../rules.ts';
import type { World } from '../world.ts';
import { courseToChange, courseToSee } from './access.ts';
import { checkBody, pageAnswer, pageSizeOf, requiredText } from './body.ts';

const WRITE = ['classroom.courses'];
const LONGEST_ALIAS = 256;

/** The alias methods. */
export function aliasMethods(world: World, rules: Rules): ApiMethod[] {
  return [
    {
      id: 'classroom.courses.aliases.create',
      method: 'POST',
      path: '/v1/courses/{courseId}/aliases',
      scopes: WRITE,
      handler: (call) => {
        checkBody('course_alias', { alias: 'string' }, call.body);
        const alias = requiredText(call.body, 'alias');
        const course = courseToChange(world, call, call.params.courseId ?? '');
        addAlias(world, course, alias, freeAlias(world, call, alias));
        return { status: 200, json: { alias } };
      },
    },
    {
      id: 'classroom.courses.aliases.list',
      method: 'GET',
      path: '/v1/courses/{courseId}/aliases',
      scopes: [...WRITE, 'classroom.courses.readonly'],
      query: ['pageSize', 'pageToken'],
      handler: (call) => {
        const course = courseToSee(world, call, call.params.courseId ?? '');
        const visible = [...course.aliases]
          .filter(([alias, key]) => key === keyFor(call, alias))
          .map(([alias]) => alias)
          .toSorted();
        const page = call.page(visible, (alias) => alias, { size: pageSizeOf(call, rules.coursePage) });
        return pageAnswer('aliases', page, (alias) => ({ alias }));
      },
    },
    {
      id: 'classroom.courses.aliases.delete',
      method: 'DELETE',
      path: '/v1/courses/{courseId}/aliases/{alias}',
      scopes: WRITE,
      handler: (call) => {
        const alias = call.params.alias ?? '';
        const course = courseToChange(world, call, call.params.courseId ?? '');
        if (!course.aliases.has(alias) || course.aliases.get(alias) !== keyFor(call, alias)) {
          throw classroomRefusal('NOT_FOUND', NOT_FOUND);
        }
        removeAlias(world, course, alias);
        return { status: 200, json: {} };
      },
    },
  ];
}

/** The key of an alias that the caller may give and that is free. Refuses otherwise. */
export function freeAlias(world: World, call: Call, alias: string): string {
  const key = keyFor(call, alias);
  if (key === undefined || alias.length <= 2 || alias.length > LONGEST_ALIAS) {
    throw classroomRefusal('INVALID_ARGUMENT', 'An alias must begin with d: or p: and have at most 256 characters.');
  }
  if (alias.startsWith('d:') && !call.caller.user.isAdmin) throw classroomRefusal('PERMISSION_DENIED', NO_PERMISSION);
  if (world.coursesByAlias.has(key)) throw classroomRefusal('ALREADY_EXISTS', 'Requested entity already exists');
  return key;
}

/** A project's aliases are seen by that project only. */
function keyFor({ caller }: Call, alias: string): string | undefined {
  return aliasKey(alias, { domain: caller.user.domain, project: caller.project });
}
