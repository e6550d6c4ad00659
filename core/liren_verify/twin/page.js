// SPDX-License-Identifier: Apache-2.0
// The page around verify.js: takes a file, photographs or pasted text, and says in plain words what came of it.
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);
  const MOST_FILE = 4 * 2 ** 20;
  // Pixels of the long side a photograph is looked at with: drawn smaller, a grainy photograph grows smooth and a code is found sooner.
  const SIDES = [700, 900, 550, 1200, 1600];

  let language = /^zh/i.test(navigator.language || "zh") ? "zh" : "en";
  let trusted = null;
  let shown = null;

  const say = (zh, en) => (language === "zh" ? zh : en);
  const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));

  const WHY = {
    award: ["得分", "award"],
    budget: ["预算", "budget"],
    clear: ["结算", "clearing"],
    close: ["注销", "closing"],
    deduct: ["扣分", "deduction"],
    expire: ["到期清零", "expiry"],
    refund: ["退货，积分退回", "refund"],
    reverse: ["更正", "reversal"],
    settle: ["核销", "settlement"],
    spend: ["兑换", "spending"],
    void: ["取消订单，积分退回", "cancellation"],
  };
  const KINDS = {
    attest: ["存证", "attestation"],
    erase: ["抹去姓名", "erasure"],
    key: ["密钥", "key"],
    policy: ["细则", "policy"],
  };
  const PLACES = {
    A: "甲码",
    B: "乙码",
    entry: "记录",
    "custody.json": "密钥保管的说明",
    "keys.note": "密钥清单",
    "opening.json": "附言",
    "proof.tlog-proof": "证明",
    "statement.json": "对账单",
  };
  const ASSETS = { resident: ["居民分", "resident points"], partner: ["伙伴分", "partner points"], fen: ["分（人民币）", "fen"] };
  const pick = (pair) => pair[language === "zh" ? 0 : 1];

  const element = (name, content, className = "") => {
    const made = document.createElement(name);
    if (className) made.className = className;
    for (const piece of [content].flat()) made.append(piece);
    return made;
  };

  const day = (iso) => say(iso.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, "$1年$2月$3日"), iso);

  const facts = (rows) => element("dl", rows.flatMap(([title, value]) => [element("dt", title), element("dd", value)]));

  const amounts = (postings) => {
    const totals = new Map();
    for (const [asset, , , amount] of postings) totals.set(asset, (totals.get(asset) ?? 0) + amount);
    return Array.from(totals, ([asset, total]) => `${total} ${ASSETS[asset] ? pick(ASSETS[asset]) : asset}`).join(say("、", ", "));
  };

  const balances = (lots) =>
    lots.length === 0
      ? "0"
      : lots.map(([asset, expiry, n]) => {
          const until = expiry === "never" ? "" : say(`（${day(expiry)}到期）`, ` (until ${expiry})`);
          return `${n} ${ASSETS[asset] ? pick(ASSETS[asset]) : asset}${until}`;
        }).join(say("、", ", "));

  const stated = ({ month, balances: lots, entries, leaves }) => [
    [say("对账单", "Statement"), month],
    [say("月底余额", "Balance at its end"), balances(lots)],
    [say("您的记录", "Your entries"), say(`${entries} 条，签名齐全，加起来正好是这个余额`, `${entries}, signed, adding up to it`)],
    [say("全街道", "In the street"), say(`同一天出的 ${leaves} 份锁在一起`, `${leaves} statements under one root`)],
  ];

  const CUSTODY = { server: ["服务器", "the server"], device: ["签名设备", "a signing device"], paper: ["纸", "paper"] };
  const kept = (custody) =>
    custody ? Object.entries(custody).map(([name, by]) => `${name} ${pick(CUSTODY[by])}`).join(say("、", ", ")) : say("没有写明", "not told");

  // What happened in a line of its own; the exact text behind it is for who wants to compare it.
  const personal = (part) => {
    const reason = part !== null && typeof part.reason === "object" && part.reason !== null ? part.reason : {};
    const words = [reason.title ?? reason.what, reason.quantity, reason.unit].filter((word) => ["string", "number"].includes(typeof word));
    const whole = element("details", [
      element("summary", say("附言原文（与记录一致）", "Its exact text, as committed to")),
      element("code", JSON.stringify(part)),
    ]);
    return words.length > 0 ? [[say("事由", "Reason"), [words.join(" "), whole]]] : [[say("附言", "Personal part"), whole]];
  };

  const proven = ({ index, size, entry, part, root, told, custody }) => {
    const { record } = entry;
    const rows = [];
    if (told) rows.push(...stated(told));
    else if (record.kind === "post") {
      rows.push([say("办理", "What"), pick(WHY[record.why])], [say("积分", "Points"), amounts(record.postings)]);
      rows.push([say("依据", "Rule"), record.code], [say("单位代码", "Unit code"), record.unit]);
    } else {
      rows.push([say("记录", "Record"), pick(KINDS[record.kind])]);
    }
    rows.push([say("日期", "Day"), day(record.eff)]);
    rows.push([say("账本", "Log"), record.log]);
    rows.push([say("位置", "Place"), say(`第 ${index} 条，当时共 ${size} 条`, `entry ${index} of then ${size}`)]);
    if (!told) rows.push([say("签名密钥的保管（街道自己说的）", "Signing keys kept by (as the street says)"), kept(custody)]);
    if (part) rows.push(...personal(part));
    const ask = trusted
      ? say("密钥与您信任的清单一致。", "The keys are those of the list you trust.")
      : say("最后一步：把下面的指纹和公告栏上的对一对，一样才可信。", "Last step: compare this fingerprint with the notice board.");
    return [facts(rows), element("p", ask), element("p", element("code", liren.fingerprint(root)))];
  };

  const problems = (findings) =>
    element("ul", findings.slice(0, 20).map(([place, code, values]) => {
      const pair = known.sentences[code];
      const where = say(PLACES[place] ?? place, place);
      return element("li", `${where}${say("：", ": ")}${pair ? filled(pick(pair), values) : code}${say(`（${code}）`, ` (${code})`)}`);
    }));

  // What came of it stands where the finger is: on a phone the top of the page is out of sight.
  const beside = (id) => ($(id).closest("label") ?? $(id)).after($("verdict"));

  const show = (result) => {
    shown = result;
    const box = $("verdict");
    box.hidden = false;
    box.className = result.className;
    box.replaceChildren(element("h2", result.title()), ...result.body());
  };

  const tell = (zh, en) => show({ className: "open", title: () => say(zh, en), body: () => [] });

  const judge = (result) => {
    const good = result.findings.length === 0 && result.facts !== null;
    show({
      className: good ? "good" : "bad",
      title: () => {
        if (good && result.facts.told) return say("这份对账单对得上", "This statement holds");
        return good ? say("这张凭证是真的", "This receipt is genuine") : say("对不上，有问题", "This does not hold");
      },
      body: () => (good ? proven(result.facts) : [problems(result.findings), element("p", say("请带上它到街道或区里询问。", "Take it to the street or the district and ask."))]),
    });
    $("verdict").focus({ preventScroll: true });
    $("verdict").scrollIntoView({ block: "nearest" });
    if ($("verdict").getBoundingClientRect().top < 0) $("verdict").scrollIntoView({ block: "start" });
  };

  const bytesOf = async (file) => {
    if (file.size > MOST_FILE) return null;
    return new Uint8Array(await new Response(file).arrayBuffer());
  };

  const takers = {};
  const chosen = (id, body) => {
    takers[id] = (file) => {
      beside(id);
      return body(file);
    };
    $(id).addEventListener("change", async ({ target }) => {
      const [file] = target.files;
      target.value = "";
      if (file) await takers[id](file);
    });
  };

  // Dropped anywhere on the page: a browser would leave the page to show the file instead.
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (!file) return;
    const keys = file.name.endsWith(".note") && !$("needs-keys").hidden;
    await takers[file.type.startsWith("image/") ? "photo-a" : keys ? "keys" : "file"](file);
  });

  // Lets the page draw what it says before a computation that takes a moment.
  const drawn = () => new Promise((done) => setTimeout(done, 30));

  chosen("file", async (file) => {
    tell("正在核对……", "Checking …");
    await drawn();
    const bytes = await bytesOf(file);
    const result = bytes && liren.verifyFile(bytes, trusted);
    if (result) judge(result);
    else if (/\.liren-(receipt|statement)$/.test(file.name)) tell("这个文件不完整，可能没下载完。请到“存折”或“对账单”重新下载一次。", "This file is not whole: perhaps its download was cut off. Download it again from your passbook or your statements.");
    else tell("这不是凭证或对账单。请选以 .liren-receipt 或 .liren-statement 结尾的文件。", "This is no receipt or statement. Choose a file that ends in .liren-receipt or .liren-statement.");
  });

  const trust = (text) => {
    try {
      trusted = liren.parseKeys(text);
    } catch (problem) {
      if (!(problem instanceof liren.Problem)) throw problem;
      return false;
    }
    $("trusts").replaceChildren(
      say("信任的账本：", "Trusted log: "), trusted.origin, element("br", []), element("code", liren.fingerprint(trusted.root)),
    );
    return true;
  };

  chosen("keys", async (file) => {
    const bytes = await bytesOf(file);
    if (bytes && trust(bytes)) tell("密钥清单已读入。", "The key list is read.");
    else if (trusted) tell("这不是密钥清单 keys.note，仍用刚才那份。", "This is no key list (keys.note); the one from before stays.");
    else tell("这不是密钥清单 keys.note。", "This is no key list (keys.note).");
  });

  const opened = (file) =>
    new Promise((done) => {
      const image = new Image();
      const address = URL.createObjectURL(file);
      const end = (result) => () => {
        URL.revokeObjectURL(address);
        done(result);
      };
      image.onload = end(image);
      image.onerror = end(null);
      image.src = address;
    });

  // The code of a picture drawn with `side` pixels along: its half and its text.
  const look = (picture, side) => {
    const scale = Math.min(1, side / Math.max(picture.naturalWidth, picture.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(picture.naturalHeight * scale));
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
    const found = jsqrModule(pixels.data, canvas.width, canvas.height, { inversionAttempts: "dontInvert" });
    if (!found || !found.data) return null;
    try {
      return { half: liren.readPaper(found.data).half, code: found.data };
    } catch (problem) {
      if (!(problem instanceof liren.Problem)) throw problem;
      return null; // some other code
    }
  };

  const scan = async (file) => {
    const picture = await opened(file);
    if (picture === null) return null;
    for (const side of SIDES) {
      const found = look(picture, side);
      if (found !== null) return found;
      await drawn();
    }
    return null;
  };

  const photographed = (id, half) =>
    chosen(id, async (file) => {
      tell("正在认码……", "Reading the code …");
      await drawn();
      const found = await scan(file);
      if (found === null) return tell("没认出码。请对正、拍清楚，让一个码占满画面。", "No code found. Hold straight, in good light, and fill the picture with one code.");
      $(found.half === "A" ? "code-a" : "code-b").value = found.code;
      if ($("code-a").value && $("code-b").value) return tell("两个码都有了，请点“核对纸质凭证”。", "Both codes are there: press “Check the paper”.");
      return tell(
        found.half === half ? "认出来了。再拍另一个码。" : "这是另一个码，已放到对的位置。再拍这一个。",
        found.half === half ? "Read. Now photograph the other code." : "That was the other code; it was put where it belongs. Now photograph this one.",
      );
    });

  photographed("photo-a", "A");
  photographed("photo-b", "B");

  $("check-paper").addEventListener("click", async () => {
    beside("check-paper");
    if (!$("code-a").value.trim()) return tell("还没有甲码，请先拍第一个码。", "Code A is not there yet: photograph it first.");
    if (!$("code-b").value.trim()) return tell("还没有乙码，请再拍第二个码。", "Code B is not there yet: photograph it too.");
    if (trusted === null) return tell("请先选密钥清单 keys.note。", "Choose the key list keys.note first.");
    tell("正在核对……", "Checking …");
    await drawn();
    return judge(liren.verifyPaper($("code-a").value, $("code-b").value, trusted));
  });

  const speak = () => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    for (const each of document.querySelectorAll("[data-zh]")) each.textContent = each.dataset[language];
    $("language").textContent = language === "zh" ? "English" : "中文";
    if (shown) show(shown);
  };

  $("language").addEventListener("click", () => {
    language = language === "zh" ? "en" : "zh";
    speak();
  });
  speak();
  if (known.keys !== null) {
    trust(new TextEncoder().encode(known.keys));
    $("needs-keys").hidden = true;
  }
})();
