// Signs in as people do: a first-login code, a password, and a telephone that gives codes.
import { createHmac } from 'node:crypto';
import { expect, type Page } from '@playwright/test';
import type { Centre } from './centre.ts';

export const PASSWORD = 'mot cum tu du dai 2027';
const STEP = 30_000;

/** A second factor: six digits of a key (RFC 6238, SHA-1, 30 s), never the same step's twice, as the centre takes each once. */
export class Authenticator {
  private last = 0;
  constructor(private readonly key: string) {}

  /** The next code that was not given before. The centre takes one step ahead of its clock; what is further off is waited for. */
  async code(): Promise<string> {
    const step = Math.max(this.last + 1, Math.floor(Date.now() / STEP));
    const early = (step - 1) * STEP - Date.now();
    if (early > 0) await new Promise((r) => setTimeout(r, early + 500));
    this.last = step;
    return this.digits(step);
  }

  private digits(step: number): string {
    const bits = [...this.key.replace(/[\s=]/g, '').toUpperCase()]
      .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
    const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => parseInt(b, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac('sha1', secret).update(counter).digest();
    const offset = mac[mac.length - 1] & 15;
    return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  }
}

/** From a first-login code to the first page. */
export async function firstSignIn(page: Page, centre: Centre, login = centre.login, code = centre.firstCode): Promise<Authenticator> {
  await page.goto(`${centre.url}/login`);
  await page.fill('#login', login);
  await page.fill('#password', code);
  await page.click('form[action="/login"] button');
  await page.fill('#password', PASSWORD);
  await page.fill('#again', PASSWORD);
  await page.click('form[action="/login/password"] button');
  const phone = new Authenticator(await page.locator('.copy code').innerText());
  await page.fill('#code', await phone.code());
  await page.click('form[action="/login/totp"] button');
  await expect(page.locator('.codes li')).toHaveCount(10);
  await page.click('a.btn.go');
  return phone;
}

/** Signs in again with the password and the next code. */
export async function signIn(page: Page, centre: Centre, phone: Authenticator, login = centre.login): Promise<void> {
  await page.goto(`${centre.url}/login`);
  await page.fill('#login', login);
  await page.fill('#password', PASSWORD);
  await page.click('form[action="/login"] button');
  await page.fill('#code', await phone.code());
  await page.click('form[action="/login/code"] button');
  await page.waitForURL(/\/(board|campaigns|tasks)/);
}
