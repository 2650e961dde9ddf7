/** The style of the pages: system fonts, light and dark, narrow screens, and a printed form. */
export const pageStyle = `
:root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--soft:#595959;--line:#d8d8d8;--tint:#f4f4f2;--good:#046c4e;--bad:#a61b1b;--open:#7a5000;--series-1:#0072b2;--series-2:#d55e00;--series-3:#009e73;--series-4:#c76a9c;--series-5:#ad8200;--series-6:#2f95d0;--series-7:#7f6a5a;--series-8:#888888}
@media screen and (prefers-color-scheme:dark){:root{--ink:#ececec;--paper:#161616;--soft:#a8a8a8;--line:#3a3a3a;--tint:#222;--good:#5fd0a5;--bad:#ff8f8f;--open:#f0c060;--series-1:#5ab4f0;--series-2:#ff8c42;--series-3:#3ccfa0;--series-4:#f0a8d0;--series-5:#e0b840;--series-6:#9ad4ff;--series-7:#c8b09c;--series-8:#b0b0b0}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
header,main,.contents{max-width:72rem;margin:0 auto;padding:0 1.25rem}header{padding-top:1.5rem}main{padding-bottom:4rem}
:root[data-language=en] [lang=zh],:root[data-language=zh] [lang=en]{display:none}
h1{font-size:1.9rem;line-height:1.2;margin:.2em 0 .5em}h1 small{font-size:1.05rem;margin-top:.3em}
h2{font-size:1.2rem;margin:2.2em 0 .6em;padding-bottom:.25em;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:0}
h2,h3,tr,figure{scroll-margin-top:1rem}:target{outline:2px solid var(--series-1);outline-offset:4px}
.languages{float:right;display:flex;gap:.25rem;margin-left:1rem}.languages button,.button{font:inherit;font-size:.85rem;padding:.15rem .6rem;min-height:1.75rem;border:1px solid var(--line);border-radius:4px;background:none;color:inherit;cursor:pointer;text-decoration:none}
.languages button[aria-pressed=true]{background:var(--ink);color:var(--paper)}
:focus-visible{outline:2px solid var(--series-1);outline-offset:2px}
a{color:inherit}.anchor{margin-left:.4em;padding:0 .3em;color:var(--soft);font-weight:400;text-decoration:none}.anchor:hover{text-decoration:underline}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.contents ol,.parts{font-size:.92rem;list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;margin:1rem 0 0}.contents a,.parts a{display:inline-block;padding:.15rem 0}
.wide{overflow-x:auto;position:relative}table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.45rem .7rem .45rem 0;border-bottom:1px solid var(--line)}
thead th{font-weight:600;color:var(--soft);font-size:.82rem}tbody th{font-weight:400}
small{display:block;color:var(--soft);font-size:.8rem;font-weight:400}
.badge{white-space:nowrap}.badge.holds{color:var(--good)}.badge.fails{color:var(--bad)}.badge.undecided{color:var(--open)}
.badge.holds::before{content:"✓ "/""}.badge.fails::before{content:"✗ "/""}.badge.undecided::before{content:"? "/""}
.outcome{font-weight:600;font-size:1.05rem;padding:.6rem .9rem;border-left:4px solid var(--soft);background:var(--tint)}
.outcome.holds{border-color:var(--good)}.outcome.fails,.outcome.controlHolds{border-color:var(--bad)}.outcome.undecided{border-color:var(--open)}
.warning{padding:.6rem .9rem;border:2px solid var(--bad);color:var(--bad)}
.description{color:var(--soft);font-size:.9rem;max-width:46rem}
td ul{margin:0;padding:0;list-style:none}td p{margin:0}dl{margin:0}dt{font-weight:600;margin-top:1em}dd{margin:0;overflow-wrap:anywhere}dd p{margin:.2em 0}dd ul{margin:.2em 0;padding-left:1.2rem}.missing{color:var(--open)}
figure{margin:1.6rem 0 2.4rem}.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.5rem 0;padding:0;font-size:.85rem}.legend svg{vertical-align:middle;margin-right:.4rem}
.plot{display:block;height:auto;max-width:100%;overflow:visible}.plot text,.plot tspan{white-space:pre}
.axis{margin:0;font-size:.8rem;color:var(--soft)}.axis.x{max-width:680px;text-align:right}.axis.y::before{content:"↑ "}.axis.x::after{content:" →"}
.tools{display:flex;flex-wrap:wrap;gap:.6rem;align-items:flex-start}.tools details[open]{flex-basis:100%}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:0 2rem}
pre{background:var(--tint);padding:.8rem;overflow-x:auto;font-size:.85rem}code{font-size:.88em;overflow-wrap:anywhere}
details{margin:.3rem 0}summary{cursor:pointer;color:var(--soft);font-size:.9rem;min-height:1.75rem}
@media screen and (max-width:44rem){header,main,.contents{padding-left:.9rem;padding-right:.9rem}.plot{min-width:34rem}
.cards,.cards tbody,.cards tr,.cards td,.cards th{display:block}.cards thead{display:none}.cards tr{padding:.6rem 0;border-bottom:2px solid var(--line)}.cards td,.cards tbody th{border:0;padding:.2rem 0}
.cards td::before{display:block;color:var(--soft);font-size:.8rem;content:attr(data-en)}:root[data-language=zh] .cards td::before{content:attr(data-zh)}.cards td:empty{display:none}}
@media print{:root{color-scheme:light}.languages,.anchor,.contents,.parts,.tools,.unprinted{display:none}@page{margin:14mm}body{font-size:10pt}header,main{max-width:none;padding:0}h2,h3,figcaption,thead,dt{break-after:avoid}figure,tr,dd,.outcome{break-inside:avoid}.wide{overflow:visible}table{font-size:8.5pt}small{font-size:7.5pt}td,th{overflow-wrap:break-word}tbody tr:first-child{break-before:avoid}pre{white-space:pre-wrap;overflow-wrap:anywhere}.plot{max-width:150mm}:target{outline:none}}
`.trim()

/**
 * Chooses the language: the one in the address, else the one chosen before, else the browser's. Lets the keyboard scroll what is too wide, and unfolds
 * for the printer what belongs on paper. Works from a file, without network; without scripts the page is in English.
 */
export const pageScript = `
(function(){var root=document.documentElement,buttons=document.querySelectorAll('[data-choose]');
function saved(){try{return localStorage.getItem('quire-language')}catch(e){return null}}
function choose(language,keep){language=language==='zh'?'zh':'en';root.dataset.language=language;root.lang=language==='zh'?'zh-CN':'en';
buttons.forEach(function(b){b.setAttribute('aria-pressed',String(b.dataset.choose===language))});
if(keep){try{localStorage.setItem('quire-language',language)}catch(e){}}}
buttons.forEach(function(b){b.addEventListener('click',function(){choose(b.dataset.choose,true)})});
var asked=/[?&#]lang=(en|zh)/.exec(location.search+location.hash);
choose(asked?asked[1]:saved()||(/^zh/i.test(navigator.language||'')?'zh':'en'),false);
function reach(){document.querySelectorAll('.wide,pre').forEach(function(w){if(w.scrollWidth>w.clientWidth+1)w.tabIndex=0;else w.removeAttribute('tabindex')})}
reach();addEventListener('resize',reach);document.addEventListener('toggle',reach,true);
var opened=[];addEventListener('beforeprint',function(){opened=[].filter.call(document.querySelectorAll('details.printed'),function(d){return !d.open});opened.forEach(function(d){d.open=true})});
addEventListener('afterprint',function(){opened.forEach(function(d){d.open=false})})})();
`.trim()
