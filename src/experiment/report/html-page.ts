/** The style of report.html: system fonts, light and dark, and a printed form. */
export const pageStyle = `
:root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--soft:#5c5c5c;--line:#d8d8d8;--tint:#f4f4f2;--good:#046c4e;--bad:#a61b1b;--open:#8a5a00;--series-1:#0072b2;--series-2:#d55e00;--series-3:#009e73;--series-4:#cc79a7;--series-5:#b58900;--series-6:#56b4e9;--series-7:#7f6a5a;--series-8:#888888}
@media (prefers-color-scheme:dark){:root{--ink:#ececec;--paper:#161616;--soft:#a8a8a8;--line:#3a3a3a;--tint:#222;--good:#5fd0a5;--bad:#ff8f8f;--open:#f0c060;--series-1:#5ab4f0;--series-2:#ff8c42;--series-3:#3ccfa0;--series-4:#f0a8d0;--series-5:#e0b840;--series-6:#9ad4ff;--series-7:#c8b09c;--series-8:#b0b0b0}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:64rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
:root[data-language=en] [lang=zh],:root[data-language=zh] [lang=en]{display:none}
h1{font-size:1.9rem;line-height:1.2;margin:.2em 0 .5em}h1 small{display:block;font-size:1.05rem;font-weight:400;color:var(--soft);margin-top:.3em}
h2{font-size:1.2rem;margin:2.2em 0 .6em;padding-bottom:.25em;border-bottom:1px solid var(--line)}
nav{float:right;display:flex;gap:.25rem}nav button{font:inherit;font-size:.85rem;padding:.15rem .6rem;border:1px solid var(--line);border-radius:4px;background:none;color:inherit;cursor:pointer}
nav button[aria-pressed=true]{background:var(--ink);color:var(--paper)}button:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--series-1);outline-offset:2px}
a{color:inherit}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.45rem .7rem .45rem 0;border-bottom:1px solid var(--line)}th{font-weight:600;color:var(--soft);font-size:.82rem}
small{display:block;color:var(--soft);font-size:.8rem;font-weight:400}
.badge{white-space:nowrap}.badge.holds{color:var(--good)}.badge.fails{color:var(--bad)}.badge.undecided{color:var(--open)}
.badge.holds::before{content:"✓ "}.badge.fails::before{content:"✗ "}.badge.undecided::before{content:"? "}
.outcome{font-weight:600;font-size:1.05rem;padding:.6rem .9rem;border-left:4px solid var(--soft);background:var(--tint)}
.outcome.holds{border-color:var(--good)}.outcome.fails,.outcome.controlHolds{border-color:var(--bad)}.outcome.undecided{border-color:var(--open)}
.warning{padding:.6rem .9rem;border:2px solid var(--bad);color:var(--bad)}
.description{color:var(--soft);font-size:.9rem;max-width:46rem}
figure{margin:1.2rem 0 2.2rem}figcaption{font-weight:600;margin-bottom:.3rem}svg{max-width:100%;height:auto}
pre{background:var(--tint);padding:.8rem;overflow-x:auto;font-size:.85rem}code{font-size:.88em;word-break:break-all}
details{margin:.3rem 0}summary{cursor:pointer;color:var(--soft);font-size:.9rem}
@media (max-width:40rem){main{padding:1rem .8rem}}
@media print{:root{color-scheme:light;--ink:#000;--paper:#fff;--soft:#444;--line:#bbb;--tint:#f4f4f4;--good:#046c4e;--bad:#a61b1b;--open:#8a5a00}nav{display:none}main{max-width:none;padding:0}section,figure,tr{break-inside:avoid}.wide{overflow:visible}body{font-size:11pt}}
`.trim()

/** Chooses the language: the one in the address, else the one chosen before, else the browser's. Works from a file, without network. */
export const pageScript = `
(function(){var root=document.documentElement,buttons=document.querySelectorAll('[data-choose]');
function saved(){try{return localStorage.getItem('quire-language')}catch(e){return null}}
function choose(language,keep){language=language==='zh'?'zh':'en';root.dataset.language=language;root.lang=language==='zh'?'zh-CN':'en';
buttons.forEach(function(b){b.setAttribute('aria-pressed',String(b.dataset.choose===language))});
if(keep){try{localStorage.setItem('quire-language',language)}catch(e){}}}
buttons.forEach(function(b){b.addEventListener('click',function(){choose(b.dataset.choose,true)})});
var asked=/[?&#]lang=(en|zh)/.exec(location.search+location.hash);
choose(asked?asked[1]:saved()||(/^zh/i.test(navigator.language||'')?'zh':'en'),false)})();
`.trim()
