/** Record ids: UUIDv7 made by the application, so that ids sort by the time they were made. */
export { v7 as newId } from 'uuid';
