// The report in a real browser: it says what the results say, without a complaint, on a phone and a desk, by day and by night.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer, { type Browser } from 'puppeteer-core';
import { expectOk } from '../support/children';

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const folder = mkdtempSync(join(tmpdir(), 'verdant-report-'));
const page = join(folder, 'index.html');

beforeAll(async () => {
  await expectOk(__dirname, 'report.mjs', { args: [join(__dirname, 'fixtures/results.json'), page] });
});
afterAll(() => rmSync(folder, { recursive: true }));

// CI installs it; elsewhere: apt-get install chromium.
const inBrowser = chromium === undefined && process.env.CI !== 'true' ? describe.skip : describe;

inBrowser('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await puppeteer.launch({ executablePath: chromium!, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  }, 60_000);
  afterAll(() => browser.close());

  async function open(width: number, scheme: string) {
    const tab = await browser.newPage();
    const complaints: string[] = [];
    tab.on('console', (message) => complaints.push(message.text()));
    tab.on('pageerror', (error) => complaints.push(String(error)));
    tab.on('requestfailed', (request) => complaints.push(request.url()));
    await tab.setViewport({ width, height: 900 });
    await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await tab.goto(pathToFileURL(page).href);
    await tab.evaluate(`for (const details of document.querySelectorAll('details')) details.open = true`);
    return { tab, complaints };
  }

  const seen = `(() => {
    const shown = [...document.querySelectorAll('svg')].filter((svg) => svg.getClientRects().length > 0);
    const texts = shown.flatMap((svg) => [...svg.querySelectorAll('text')]).filter((text) => text.textContent !== '');
    const outside = shown.flatMap((svg) => {
      const { left, right } = svg.getBoundingClientRect();
      return [...svg.querySelectorAll('text')].filter((text) => {
        const box = text.getBoundingClientRect();
        return box.width > 0 && (box.left < left - 1 || box.right > right + 1);
      });
    });
    const luminance = (colour) => {
      const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => {
        const value = Number(part) / 255;
        return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = luminance(getComputedStyle(document.body).backgroundColor);
    const contrast = (colour) => {
      const [dark, light] = [paper, luminance(colour)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const dots = shown.flatMap((svg) => [...svg.querySelectorAll('circle')]);
    return {
      scrollWidth: document.documentElement.scrollWidth,
      paper,
      figures: document.querySelectorAll('figure').length,
      pictures: shown.length,
      smallest: Math.min(...texts.map((text) => text.getBoundingClientRect().height)),
      outside: outside.map((text) => text.textContent),
      dots: dots.length,
      textContrast: contrast(getComputedStyle(document.body).color),
      dotContrast: Math.min(...dots.map((dot) => contrast(getComputedStyle(dot).fill))),
    };
  })()`;

  interface Seen {
    scrollWidth: number;
    paper: number;
    figures: number;
    pictures: number;
    smallest: number;
    outside: string[];
    dots: number;
    textContrast: number;
    dotContrast: number;
  }

  test.each([
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ])('%i px wide, %s', async (width, scheme) => {
    const { tab, complaints } = await open(width, scheme);
    const found = (await tab.evaluate(seen)) as Seen;
    expect(complaints).toEqual([]);
    expect(found.scrollWidth).toBeLessThanOrEqual(width);
    expect(found.figures).toBeGreaterThan(0);
    expect(found.pictures).toBe(found.figures); // each drawn once for this width
    expect(found.smallest).toBeGreaterThan(8);
    expect(found.outside).toEqual([]);
    expect(found.dots).toBeGreaterThan(0);
    expect(found.paper < 0.2).toBe(scheme === 'dark');
    expect(found.textContrast).toBeGreaterThan(7);
    expect(found.dotContrast).toBeGreaterThan(3);
    await tab.close();
  });
});
