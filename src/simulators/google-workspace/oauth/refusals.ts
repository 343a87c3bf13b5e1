// The error answers of the token endpoint.
import { Refusal } from '../../kit/exchange.ts';

/** An OAuth error with its description. */
export function oauthRefusal(status: number, error: string, description: string): Refusal {
  return new Refusal({ status, json: { error, error_description: description } });
}
