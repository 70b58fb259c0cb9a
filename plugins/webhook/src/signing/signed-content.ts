/**
 * What is signed, as Standard Webhooks say: id, timestamp and body with points between them.
 *
 * @param timestamp As it stands in the header: whole seconds since the Unix epoch.
 * @param body Exactly the bytes of the request.
 */
export function signedContent(id: string, timestamp: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
}
