/** Picks names for people and spells them for e-mail addresses. */
import { type NameList, nameLists, type RareName } from './names.ts';
import type { Random } from './random.ts';

export interface PersonName {
  givenName: string;
  familyName: string;
  middleName?: string;
  /** How the school spells both in an address. */
  latinGiven: string;
  latinFamily: string;
}

/** What the members of a family share. */
interface FamilyName {
  list: NameList;
  text: string;
  latin: string;
}

function spellings(entry: string): { text: string; latin: string } {
  const [text = entry, latin = text] = entry.split('|');
  return { text, latin };
}

// How often each list of names.ts is met: the first ones more often, so that the mixture is not an even one.
const SHARES = [5, 5, 5, 3, 3, 3, 3, 3, 2, 2, 2, 2, 1, 1];
const lots: readonly NameList[] = nameLists.flatMap((list, i) => Array<NameList>(SHARES[i] ?? 1).fill(list));

/** A family name; one family in twelve carries two, joined by a hyphen. */
export function familyName(random: Random): FamilyName {
  const list = random.pick(lots);
  const one = spellings(random.pick(list.family));
  if (!random.chance(1 / 12)) return { list, ...one };

  const two = spellings(random.pick(random.pick(lots).family));
  return { list, text: `${one.text}-${two.text}`, latin: `${one.latin}-${two.latin}` };
}

/** A person of a family; one in six has a middle name. */
export function personName(random: Random, family: FamilyName, sex: 'female' | 'male'): PersonName {
  const given = spellings(random.pick(family.list[sex]));
  const middle = random.chance(1 / 6) ? spellings(random.pick(family.list[sex])).text : undefined;
  return {
    givenName: given.text,
    familyName: family.text,
    ...(middle !== undefined && middle !== given.text && { middleName: middle }),
    latinGiven: given.latin,
    latinFamily: family.latin,
  };
}

export function rareName({ given, family }: RareName): PersonName {
  return { givenName: given, familyName: family, latinGiven: given, latinFamily: family };
}

// What Unicode decomposition does not take apart.
const LETTERS: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** A name in lower-case ASCII letters and hyphens, at most `longest` of them; `x` when nothing is left. */
export function asciiName(name: string, longest: number): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[ßæœøłđðþı]/gu, (letter) => LETTERS[letter] ?? '')
    .normalize('NFD')
    .replaceAll(/[^a-z0-9 -]/gu, '')
    .replaceAll(/[ -]+/gu, '-')
    .replaceAll(/^-|-$/gu, '');
  return plain.slice(0, longest).replace(/-$/u, '') || 'x';
}

/** Hands out each address of a domain once: `zoe.obrien`, then `zoe.obrien2`. */
export function createAddresses(domain: string): (name: PersonName) => string {
  const taken = new Map<string, number>();
  return ({ latinGiven, latinFamily }) => {
    const local = `${asciiName(latinGiven, 24)}.${asciiName(latinFamily, 30)}`;
    const count = (taken.get(local) ?? 0) + 1;
    taken.set(local, count);
    return `${local}${count === 1 ? '' : count}@${domain}`;
  };
}
