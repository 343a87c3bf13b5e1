/** A course as Classroom answers it, as far as we use it. */
import { z } from 'zod';

const optionalText = z.string().optional().catch(undefined);

export const course = z.object({
  id: z.string().min(1),
  name: optionalText,
  section: optionalText,
  room: optionalText,
  ownerId: optionalText,
  courseState: optionalText,
});

export type Course = z.output<typeof course>;

/** What to ask for, so that Google sends no more than that. */
export const courseFields = 'id,name,section,room,ownerId,courseState';
