import type { Block } from './block.js';
import { portForPage } from './four-digit-port.js';

/** The receiver that is there for all pages. A page can have its own there, in JavaScript. */
const receiverOnPages = 'localhost:8080';
const ownReceiverOnPages = '.listen(8080, ';
/** The port of a mail server that a page starts. */
const mailOnPages = ' 2525';

/** Addresses as a page says them, and where they are while it is followed: no port is taken from anybody. */
export class PageAddresses {
  /** Where the page's receiver is, as `host:port`. */
  readonly receiver: string;
  readonly #pairs: readonly (readonly [onPage: string, here: string])[];

  /** @param sharedReceiver Where that of all pages is, as `host:port`. */
  static async of(blocks: readonly Block[], sharedReceiver: string): Promise<PageAddresses> {
    const says = (text: string) => blocks.some(({ code }) => code.includes(text));
    const receiver = says(ownReceiverOnPages) ? `localhost:${await portForPage()}` : sharedReceiver;
    const mail = says(mailOnPages) ? ` ${await portForPage()}` : mailOnPages;
    return new PageAddresses(receiver, mail);
  }

  private constructor(receiver: string, mail: string) {
    const [, port = ''] = receiver.split(':');
    this.receiver = receiver;
    this.#pairs = [
      [receiverOnPages, receiver],
      [ownReceiverOnPages, ownReceiverOnPages.replace('8080', port)],
      [mailOnPages, mail],
    ];
  }

  /** A text of the page, with the addresses that are here. */
  here(text: string): string {
    return this.#pairs.reduce((written, [onPage, here]) => written.replaceAll(onPage, here), text);
  }

  /** What was printed here, with the receiver that the page names. */
  onPage(output: string): string {
    return output.replaceAll(this.receiver, receiverOnPages);
  }
}
