// What a caller of the Invoke API sees of an error.
import { types } from 'node:util';

export function documentOf(error) {
  if (types.isNativeError(error) || error instanceof Error) {
    return { errorType: String(error.name), errorMessage: String(error.message), trace: String(error.stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

// named makes an error of one of Lambda's own types.
export function named(name, message, cause) {
  return Object.assign(new Error(message), { name, stack: `${name}: ${cause?.stack ?? message}` });
}
