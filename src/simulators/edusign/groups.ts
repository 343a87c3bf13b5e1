// Groups: a name, a description and who is in them.
import { z } from 'zod';
import { bodyOf, type Method, pageOf } from './call.ts';
import { refuse } from './envelope.ts';
import type { Group, World } from './world.ts';

const needed = z.string({ error: 'is required' }).trim().min(1, 'is required');
const fields = {
  DESCRIPTION: z.string().optional(),
  STUDENTS: z.array(z.string()).optional(),
  PARENT: z.string().optional(),
  API_ID: z.string().optional(),
  API_TYPE: z.string().optional(),
};
const created = z.strictObject({ ...fields, NAME: needed });
const changed = z.strictObject({ ...fields, ID: needed, NAME: needed.optional() });

export function groupMethods(world: World, pageSize: number): Method[] {
  const known = (id: string | undefined): Group => world.groups.get(id ?? '') ?? refuse('group not found');

  return [
    {
      name: 'groups.list',
      method: 'GET',
      path: '/v1/group',
      handler: (request) => pageOf([...world.groups.values()], request, pageSize),
    },
    {
      name: 'groups.getId',
      method: 'GET',
      path: '/v1/group/get-id/{apiId}',
      handler: ({ params }) =>
        [...world.groups.values()].find(({ API_ID }) => API_ID === params.apiId)?.ID ?? refuse('group not found'),
    },
    { name: 'groups.get', method: 'GET', path: '/v1/group/{id}', handler: ({ params }) => known(params.id) },
    {
      name: 'groups.create',
      method: 'POST',
      path: '/v1/group',
      handler: (request) => addGroup(world, bodyOf(request, 'group', created)),
    },
    {
      name: 'groups.update',
      method: 'PATCH',
      path: '/v1/group',
      handler: (request) => {
        const { ID, ...change } = bodyOf(request, 'group', changed);
        return changeGroup(world, known(ID), change);
      },
    },
    {
      name: 'groups.delete',
      method: 'DELETE',
      path: '/v1/group/{id}',
      handler: ({ params }) => world.groups.delete(known(params.id).ID),
    },
  ];
}

type GroupChange = { readonly [Name in keyof Group]?: Group[Name] | undefined };

export function addGroup(world: World, given: GroupChange & { NAME: string }): Group {
  const group: Group = {
    ID: world.newId(),
    NAME: given.NAME,
    DESCRIPTION: given.DESCRIPTION ?? '',
    STUDENTS: members(world, given.STUDENTS ?? []),
    PARENT: given.PARENT ?? '',
    API_ID: given.API_ID ?? '',
    API_TYPE: given.API_TYPE ?? '',
    DATE_UPDATED: world.now(),
  };
  world.groups.set(group.ID, group);
  return { ...group };
}

export function changeGroup(world: World, group: Group, change: GroupChange): Group {
  const { ID: _id, STUDENTS, ...rest } = change;
  Object.assign(group, Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)));
  if (STUDENTS !== undefined) group.STUDENTS = members(world, STUDENTS);
  group.DATE_UPDATED = world.now();
  return { ...group };
}

function members(world: World, ids: readonly string[]): string[] {
  const stranger = ids.find((id) => !world.people.student.has(id));
  return stranger === undefined ? [...new Set(ids)] : refuse(`student ${stranger} not found`);
}
