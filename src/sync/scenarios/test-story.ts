/** What a story is made of: the world before, what happens step by step with its plan and log, and the world after. */

import type { EntityName } from '../../model/entities.ts';
import type { SchoolSettings } from '../../model/school-settings.ts';
import type { FieldRule, Resolution } from '../../model/sync.ts';
import type { BoardTraits } from './test-board.ts';
import type { Outside } from './test-outside.ts';
import type { PlannerTraits } from './test-planner.ts';
import type { RegisterTraits } from './test-register.ts';

/** Which integration a step is about. */
export type Name = 'register' | 'second' | 'planner' | 'board';

/** What a system holds at first, in words: `ann: 'Ann Bos, teacher'`, `bio: 'Biology'`, `e1: 'ann teaches bio'`. */
export interface Holding {
  terms?: Readonly<Record<string, string>>;
  people?: Readonly<Record<string, string>>;
  classes?: Readonly<Record<string, string>>;
  /** `cas attends bio`; on the board `cas in bio`, without a name of its own. */
  members?: Readonly<Record<string, string>>;
}

export interface Before {
  /** Made in Homeroom by hand. */
  homeroom?: Holding;
  register?: Holding & RegisterTraits;
  second?: Holding & RegisterTraits;
  planner?: Holding & PlannerTraits;
  board?: Holding & BoardTraits;
  /** Syncs that went well before the story begins. */
  synced?: readonly Name[];
  /** What the school has set for itself. Unless it says otherwise, first plans need nobody's approval and any share may be removed. */
  school?: SchoolSettings;
}

export interface Step {
  /** What happens, in a sentence. */
  when: string;
  does?: (world: World) => unknown;
  /** What a person did was refused with these words. */
  refused?: string;
  /** A person asks for a sync of this integration … */
  sync?: Name;
  mode?: 'DELTA' | 'FULL' | 'PREVIEW';
  classes?: readonly string[];
  people?: readonly string[];
  /** … or what waits for it is carried out: a data change, an answer, an approval; what a dead worker left. */
  runs?: Name;
  /** The worker dies at this point: nothing it does afterwards arrives anywhere. `planning 3`, `create members 2`, `created members 1` … (`test-mortal.ts`) */
  dies?: string;
  /** While it is under way, a person syncs some classes or people: their run goes in between. */
  between?: Between;
  /** How the run ends, with the reason when it is held or failed. SUCCEEDED unless told otherwise; DIED when its worker did. */
  ends?: string;
  /** Every entry of its log in the order of the plan, as `test-words.ts` tells it. */
  log?: readonly string[];
  /** All open questions afterwards. */
  asks?: readonly string[];
  /** What Homeroom wrote to the outside system during this step. */
  writes?: readonly string[];
}

/** A click in the middle of a run. */
export interface Between {
  /** Where the run is then: `read people 2`, `create members 1`. */
  at: string;
  /** What has happened by then. */
  does?: (world: World) => unknown;
  classes?: readonly string[];
  people?: readonly string[];
  /** The log of the run that goes in between, whole. It ends as SUCCEEDED, before the other one. */
  log: readonly string[];
}

export interface Story {
  before: Before;
  steps: readonly Step[];
  /** What each system holds at the end; only those that are named. */
  after: { homeroom?: readonly string[]; board?: readonly string[]; planner?: readonly string[] };
  /** Why another sync at the end would still have something to do. Else the teller makes sure that it has not. */
  restless?: string;
}

/** What a step may do. Records go by the names the story gave them. */
export interface World {
  register: Outside;
  second: Outside;
  planner: Outside;
  board: Outside;
  homeroom: {
    /** A person's edit through the API. */
    edit(person: string, values: Readonly<Record<string, string | null>>): Promise<void>;
    enroll(person: string, inClass: string): Promise<void>;
    /** Values of a record that no API changes yet. */
    write(
      kind: 'person' | 'class' | 'enrollment',
      name: string,
      values: Readonly<Record<string, string>>,
    ): Promise<void>;
    archive(kind: 'person' | 'class' | 'enrollment', name: string): Promise<void>;
    add(holding: Holding): Promise<void>;
    id(name: string): Promise<string>;
  };
  /** Where a course of this title is on the board. */
  course(title: string): string;
  /** Answers the open question about the record of this name. */
  answer(
    about: string,
    resolution: Resolution,
    how?: { fields?: string[]; version?: number; id?: string; candidate?: string },
  ): Promise<void>;
  approve(name: Name, planHash?: string): Promise<void>;
  cancel(name: Name): Promise<void>;
  disconnect(name: Name): Promise<void>;
  /** A school decides once and for all about a field. */
  rule(name: Name, entityType: EntityName, field: string, rule: FieldRule): Promise<void>;
  /** What failed in the newest run that ended PARTIAL is tried again. */
  retry(name: Name): Promise<void>;
  /** What the newest run that succeeded wrote is to be taken back. */
  undo(name: Name): Promise<void>;
  /** The engine's clock goes on. */
  wait(hours: number): void;
}
