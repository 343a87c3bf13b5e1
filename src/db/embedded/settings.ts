/** How the embedded server is tuned. Given on its command line, so the data directory carries no choices of ours. */

const always = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  // Several gateways and workers share one server, in tests many: whoever finds no place cannot read at all.
  max_connections: '200',
  shared_buffers: '128MB',
  maintenance_work_mem: '64MB',
  work_mem: '8MB',
  // Nobody replicates from it, so what a bulk load into a new table writes need not be logged twice.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  // Local solid-state disks; and compiling a plan costs more than our short statements take.
  random_page_cost: '1.1',
  jit: 'off',
  io_method: 'sync',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // The log is a file beside the data: no values of people in it, neither in statements nor in details.
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
} as const;

/** What was committed has left the server's processes, so it survives their death; not that of the machine. */
const notDurable = { fsync: 'off', full_page_writes: 'off' } as const;

/** The command line after `postgres`. */
export function serverFlags(dataDir: string, socketDir: string, durable: boolean): string[] {
  const settings = { ...always, ...(durable ? {} : notDurable), unix_socket_directories: socketDir };
  return ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
