// A letter's line about vulnerabilities, from the paper to machines that are mended and a green row on the board.
import { expect, test, type Page } from '@playwright/test';
import { Centre } from './centre.ts';
import { firstSignIn } from './sign_in.ts';

let centre: Centre;
/** Only communes get the letter; this one has no machine in the register yet. */
const BODY = 'Ủy ban nhân dân xã Hòa Lộc';
const SPRING = 'CVE-2022-22965';
/** Mended by the update of April 2023 (KB5025221, 19045.2846). */
const CLFS = 'CVE-2023-28252';

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  test.setTimeout(180_000);
  centre = await Centre.start();
});
test.afterAll(() => centre?.stop());

/** dd/mm/yyyy in Việt Nam, so many days from now. */
function day(from = 0): string {
  return new Date(Date.now() + from * 86_400_000).toLocaleDateString('en-GB', { timeZone: 'Asia/Ho_Chi_Minh' });
}

function letter(): string {
  const [d, m, y] = day().split('/');
  return `BỘ CÔNG AN                                   CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
CÔNG AN TỈNH SÔNG TRÀ                            Độc lập - Tự do - Hạnh phúc

Số: 245/CAT-PA05                             Sông Trà, ngày ${d} tháng ${m} năm ${y}
V/v rà soát, khắc phục lỗ hổng bảo mật

Kính gửi: Ủy ban nhân dân các xã.

Nhằm bảo đảm an ninh mạng từ ngày ${day()} đến ngày ${day(20)}, Công an tỉnh đề nghị các đơn vị:

1. Rà soát lỗ hổng, điểm yếu trên các hệ thống thông tin và khắc phục triệt để các lỗ hổng: các lỗ hổng có mức ảnh hưởng cao và nghiêm trọng trong các sản phẩm Microsoft công bố từ tháng 01 đến tháng 4 năm 2023; lỗ hổng Spring4Shell (${SPRING}).
2. Báo cáo kết quả về Công an tỉnh trước ngày ${day(20)}.

Nơi nhận:
- Như trên;
- Lưu: VT, PA05.

KT. GIÁM ĐỐC
PHÓ GIÁM ĐỐC

Lê Thanh Hải
`;
}

/** What the collector writes on a workstation with that revision of Windows. */
function workstation(revision: number, update: number): string {
  return `@@canh inventory 1
@@ host
name=HOALOC-MAY01
taken=${new Date().toISOString().slice(0, 19)}Z
uuid=4c4c4544-0035-4a10-8053-b4c04f4a3232
@@ system
"CurrentMajorVersionNumber","CurrentMinorVersionNumber","CurrentBuildNumber","UBR","EditionID","InstallationType","Caption","OSArchitecture"
"10","0","19045","${revision}","Professional","Client","Microsoft Windows 10 Pro","64-bit"
@@ hotfix
"HotFixID"
"KB${update}"
@@ jars
@@ ports
tcp	0.0.0.0:445
@@ end
`;
}

/** … and on a server with an application of Java. */
function server(spring: string): string {
  return `@@canh inventory 1
@@ host
name=hoaloc-web
taken=${new Date().toISOString().slice(0, 19)}Z
uuid=4c4c4544-0035-4a10-8053-b4c04f4a3299
arch=x86_64
@@ os-release
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
ID=debian
VERSION_ID="12"
@@ dpkg
ii 	openjdk-17-jre-headless	17.0.13+11-2~deb12u1	amd64	openjdk-17	17.0.13+11-2~deb12u1
@@ jars
			/srv/motcua.war!WEB-INF/lib/spring-beans-${spring}.jar
@@ end
`;
}

/** Hands files in on the page of inventory. */
async function handIn(page: Page, files: Record<string, string>): Promise<void> {
  await page.goto(`${centre.url}/register/inventory`);
  await page.selectOption('select[name="body"]', { label: (await page.locator('select[name="body"] option', { hasText: BODY }).first().innerText()) });
  await page.setInputFiles('#file', Object.entries(files).map(([name, text]) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })));
  await page.click('form[action="/register/inventory"] button.go');
  await expect(page.locator('.flash.ok')).toBeVisible();
}

/** Looks again until the page says so: machines are judged in the background. */
async function until(page: Page, url: string, said: (page: Page) => Promise<boolean>): Promise<void> {
  await expect(async () => {
    await page.goto(url);
    expect(await said(page)).toBe(true);
  }).toPass({ timeout: 45_000, intervals: [500] });
}

test('from a letter to the machines it concerns, to mended, to a green row', async ({ page }) => {
  test.setTimeout(240_000);
  await firstSignIn(page, centre);

  // The letter comes; both kinds of lines are read.
  await page.goto(`${centre.url}/orders/letters`);
  await page.setInputFiles('#file', { name: '245-CAT-PA05.txt', mimeType: 'text/plain', buffer: Buffer.from(letter()) });
  await page.click('form[action="/orders/letters"] button.go');
  await page.waitForURL(/\/orders\/letters\/[0-9a-f-]{36}/);
  await expect(page.locator('.facts')).toContainText('Microsoft');
  await expect(page.locator('.facts')).toContainText('Spring4Shell');

  // It becomes an order.
  await page.click('form[action$="/draft"] button');
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}/);
  const sure = page.locator('form[action$="/lines/sure"] button');
  if (await sure.count()) await sure.click();
  await page.click('form[action$="/issue"] button');
  await expect(page.locator('#figures b').first()).toHaveText('12', { timeout: 30_000 });
  const campaign = page.url().match(/orders\/([0-9a-f-]{36})/)?.[1] ?? '';
  const board = await page.context().newPage();
  await board.goto(`${centre.url}/campaigns/${campaign}/board`);
  const row = board.locator('table.board tbody tr', { hasText: 'Hòa Lộc' });
  await expect(row).toHaveCount(1);
  await expect(row.locator('td.m a[href$="VREV"], td.m a[href$="VFIX"]')).toHaveCount(0);

  // The commune's machines tell of themselves: one lacks the update, the other has Spring in its application.
  await handIn(page, { 'canh-HOALOC-MAY01.txt': workstation(2604, 5022834), 'canh-hoaloc-web.txt': server('5.3.17') });

  // The warning: each line looked up, and both machines.
  await page.goto(`${centre.url}/review/warnings`);
  const href = await page.locator('tbody a', { hasText: '245/CAT-PA05' }).getAttribute('href');
  const warning = `${centre.url}${href}`;
  const line = page.locator('tbody tr', { has: page.locator('a[href^="?body="]', { hasText: 'Hòa Lộc' }) });
  await until(page, warning, async () => (await line.count()) === 1 && (await line.locator('span.st').innerText()).includes('0/2'));
  await expect(page.locator('main')).toContainText(/Microsoft, .*2023.*: \d+ lỗ hổng/);
  await expect(page.locator('main')).toContainText('Spring4Shell');
  await line.locator('a').first().click();
  await expect(page.locator('#machines tbody tr')).toHaveCount(2);

  // What would mend them, and why that is believed.
  await page.goto(`${centre.url}/review/findings?q=HOALOC&flaw=${CLFS}`);
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await expect(page.locator('tbody tr')).toContainText('KB5025221');
  await page.locator('tbody tr a').first().click();
  await expect(page.locator('main')).toContainText('10.0.19045.2604');
  await expect(page.locator('main')).toContainText('10.0.19045.2846');
  await page.goto(`${centre.url}/review/findings?q=hoaloc-web&flaw=${SPRING}`);
  await expect(page.locator('tbody tr')).toHaveCount(1);

  // Mended: only newer inventory of the machines closes.
  await handIn(page, { 'canh-HOALOC-MAY01.txt': workstation(2846, 5025221), 'canh-hoaloc-web.txt': server('5.3.18') });
  await until(page, warning, async () => (await line.count()) === 1 && (await line.locator('span.st').innerText()).includes('2/2'));
  await page.goto(`${centre.url}/review/findings?q=HOALOC&warning=${href?.split('/').pop()}`);
  await expect(page.locator('tbody tr')).toHaveCount(0);
  await page.goto(`${centre.url}/review/findings?q=HOALOC&state=fixed&flaw=${CLFS}`);
  await page.locator('tbody tr a').first().click();
  await expect(page.locator('main')).toContainText('đã khắc phục, theo báo cáo mới hơn của máy');

  // The open board has followed: reviewed and mended, each with its figures down to the machines.
  await expect(row.locator('td.m a[href$="VREV"]')).toHaveCount(1, { timeout: 30_000 });
  await expect(row.locator('td.m a[href$="VFIX"]')).toHaveCount(1, { timeout: 30_000 });
  await board.goto(await row.locator('td.m a[href$="VFIX"]').evaluate((a) => (a as HTMLAnchorElement).href));
  await expect(board.locator('main')).toContainText('2/2');

  // The register as a table: taken out and handed in again, it is looked at before anything is written.
  const table = await page.request.get(`${centre.url}/register/export/systems?format=csv`);
  await page.goto(`${centre.url}/register/import/systems`);
  await page.setInputFiles('#file', { name: 'he-thong.csv', mimeType: 'text/csv', buffer: await table.body() });
  await page.click('form[action="/register/import/systems"] button');
  await expect(page.locator('main')).toContainText('không có gì để ghi');
});
