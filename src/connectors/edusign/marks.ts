/** How records of ours are marked at Edusign: by `API_ID`, which names the record, and `API_TYPE`, which names us. */
export const apiType = 'homeroom';
