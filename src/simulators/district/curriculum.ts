/** What is taught in a primary, a middle and a high school: data for the timetable. */

export type Level = 'primary' | 'middle' | 'high';

export interface Subject {
  /** The course's title, or one title for each grade of the level. */
  title: string | readonly string[];
  /** Start of the course code: `MAT` gives `MAT-07`. */
  code: string;
  /** OneRoster `subjects`. */
  area: string;
  /** OneRoster `subjectCodes`: SCED's two digits of the area and three of the course, one code or one for each grade. */
  sced: string | readonly string[];
  /** Where it is taught, when not in the section's own room. */
  room?: string;
  /** In primary schools: taught by a specialist and not by the class teacher. */
  specialist?: boolean;
}

interface Curriculum {
  grades: readonly string[];
  /** Every section of a grade has these. */
  core: readonly Subject[];
  /** Each student of a grade chooses one of these for each elective slot. */
  electives: readonly Subject[];
  /** How long an elective lasts: one slot over the year, or one in each semester. */
  electiveSpans: readonly ('year' | 'semester1' | 'semester2')[];
}

const grade = (area: string, numbers: readonly number[]) => numbers.map((n) => `${area}${String(n).padStart(3, '0')}`);

export const curricula: Record<Level, Curriculum> = {
  primary: {
    grades: ['KG', '01', '02', '03', '04', '05'],
    electiveSpans: ['year'],
    core: [
      {
        title: 'Reading & Writing',
        code: 'LAN',
        area: 'English Language and Literature',
        sced: grade('01', [28, 29, 30, 31, 32, 33]),
      },
      { title: 'Mathematics', code: 'MAT', area: 'Mathematics', sced: grade('02', [28, 29, 30, 31, 32, 33]) },
      {
        title: 'Science',
        code: 'SCI',
        area: 'Life and Physical Sciences',
        sced: grade('03', [228, 229, 230, 231, 232, 233]),
      },
      {
        title: 'Our World',
        code: 'SOC',
        area: 'Social Sciences and History',
        sced: grade('04', [428, 429, 430, 431, 432, 433]),
      },
      { title: 'Library & Media', code: 'LIB', area: 'Information Technology', sced: '10007', room: 'Library' },
      {
        title: 'Art',
        code: 'ART',
        area: 'Fine and Performing Arts',
        sced: '05199',
        room: 'Art Studio',
        specialist: true,
      },
      {
        title: 'Music',
        code: 'MUS',
        area: 'Fine and Performing Arts',
        sced: '05149',
        room: 'Music Room',
        specialist: true,
      },
      {
        title: 'Physical Education',
        code: 'PHE',
        area: 'Physical, Health and Safety Education',
        sced: '08049',
        room: 'Gymnasium',
        specialist: true,
      },
    ],
    electives: [
      {
        title: 'Choir & Percussion',
        code: 'CHO',
        area: 'Fine and Performing Arts',
        sced: '05110',
        room: 'Music Room',
        specialist: true,
      },
      {
        title: 'School Garden',
        code: 'GAR',
        area: 'Agriculture, Food and Natural Resources',
        sced: '18052',
        room: 'Garden House',
        specialist: true,
      },
      { title: 'Chess & Puzzles', code: 'CHS', area: 'Miscellaneous', sced: '22104', specialist: true },
    ],
  },
  middle: {
    grades: ['06', '07', '08'],
    electiveSpans: ['semester1', 'semester2'],
    core: [
      { title: 'Language Arts', code: 'LAN', area: 'English Language and Literature', sced: grade('01', [34, 35, 36]) },
      { title: 'Mathematics', code: 'MAT', area: 'Mathematics', sced: grade('02', [34, 35, 36]) },
      {
        title: 'Science',
        code: 'SCI',
        area: 'Life and Physical Sciences',
        sced: grade('03', [234, 235, 236]),
        room: 'Science Lab',
      },
      { title: 'Social Studies', code: 'SOC', area: 'Social Sciences and History', sced: grade('04', [434, 435, 436]) },
      { title: 'Español: Lengua y Cultura', code: 'SPA', area: 'World Languages', sced: '06117' },
      {
        title: 'Physical Education',
        code: 'PHE',
        area: 'Physical, Health and Safety Education',
        sced: '08048',
        room: 'Gymnasium',
      },
      { title: 'Digital Literacy', code: 'DIG', area: 'Information Technology', sced: '10006', room: 'Computer Room' },
    ],
    electives: [
      { title: 'Robotics', code: 'ROB', area: 'Engineering and Technology', sced: '21009', room: 'Workshop' },
      { title: 'Drama', code: 'DRA', area: 'Fine and Performing Arts', sced: '05052', room: 'Stage' },
      { title: 'Photography', code: 'PHO', area: 'Fine and Performing Arts', sced: '05167', room: 'Art Studio' },
      { title: 'Concert Band', code: 'BAN', area: 'Fine and Performing Arts', sced: '05102', room: 'Music Room' },
    ],
  },
  high: {
    grades: ['09', '10', '11', '12'],
    electiveSpans: ['semester1', 'semester2'],
    core: [
      {
        title: ['English I', 'English II', 'English III', 'English IV'],
        code: 'ENG',
        area: 'English Language and Literature',
        sced: grade('01', [1, 2, 3, 4]),
      },
      {
        title: ['Algebra I', 'Geometry', 'Algebra II', 'Precalculus'],
        code: 'MAT',
        area: 'Mathematics',
        sced: grade('02', [52, 72, 56, 110]),
      },
      {
        title: ['Earth Science', 'Biology', 'Chemistry', 'Physics'],
        code: 'SCI',
        area: 'Life and Physical Sciences',
        sced: grade('03', [1, 51, 101, 151]),
        room: 'Science Lab',
      },
      {
        title: ['World Geography', 'World History', 'National History', 'Government & Economics'],
        code: 'SOC',
        area: 'Social Sciences and History',
        sced: grade('04', [1, 51, 101, 151]),
      },
      {
        title: ['Français I', 'Français II', 'Français III', 'Français IV'],
        code: 'FRE',
        area: 'World Languages',
        sced: grade('06', [121, 122, 123, 124]),
      },
      {
        title: 'Health & Fitness',
        code: 'PHE',
        area: 'Physical, Health and Safety Education',
        sced: '08016',
        room: 'Gymnasium',
      },
      {
        title: ['Computing I', 'Computing II', 'Programming', 'Data & Society'],
        code: 'COM',
        area: 'Information Technology',
        sced: grade('10', [2, 12, 152, 205]),
        room: 'Computer Room',
      },
    ],
    electives: [
      { title: 'Psychology', code: 'PSY', area: 'Social Sciences and History', sced: '04254' },
      { title: 'Ceramics', code: 'CER', area: 'Fine and Performing Arts', sced: '05159', room: 'Art Studio' },
      {
        title: 'Journalism',
        code: 'JOU',
        area: 'Communications and Audio/Visual Technology',
        sced: '11101',
        room: 'Media Room',
      },
      {
        title: 'Interdisciplinary Seminar: Rivers, Bridges and Borders in the Literature and Politics of Europe',
        code: 'SEM',
        area: 'English Language and Literature',
        sced: '01099',
      },
    ],
  },
};
