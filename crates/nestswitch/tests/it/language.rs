//! Answers in Japanese: by `--lang`, and by the locale.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};

use super::fixture::{check, nsw, root, stdout};

#[track_caller]
fn check_language(locale: &[(&str, &str)], args: &[&str], expected: &Expect) {
    let output = nsw(args).envs(locale.iter().copied()).output().expect("nsw starts");
    let text = String::from_utf8(output.stdout).expect("it is text");
    expected.assert_eq(text.lines().nth(2).unwrap_or_default());
}

#[test]
fn why_in_japanese() {
    check(
        &["why", "examples/nested.yaml", "web01", "laptop", "--lang", "ja"],
        &expect![[r#"
            exit code 1
            --- stdout
            web01/eth0 -> laptop: UNREACHABLE

            送られるもの
              1 ARP 要求    web01/eth0 -> laptop  消失
              2 ARP 応答    laptop -> web01/eth0  送信されず
              3 エコー要求  web01/eth0 -> laptop  送信されず
              4 エコー応答  laptop -> web01/eth0  送信されず

            最初のフレームが失われる場所: web01/eth0 の ARP 要求
              場所      ホスト physical（ネストなし）, vSwitch0, ポート グループ Nested, ポート nested-1.vmnic0
              理由      FORGED_TRANSMIT: 送信元が有効な MAC アドレスと異なり、偽装転送が拒否されている
              設定      偽装転送 = 拒否、vSwitch0 で設定し、ポート グループ Nested が継承
              行        examples/nested.yaml、22 行目
              事実      送信元は 00:50:56:23:5f:9e、このポートの有効な MAC アドレスは 00:50:56:01:00:01

            逆方向も失われるはず: laptop の エコー応答
              場所      ホスト physical（ネストなし）, vSwitch0, ポート vmnic0
              理由      DEST_NOT_REGISTERED: 送信先がこのスイッチのどのポートにも登録されていない
              事実      送信先 00:50:56:23:5f:9e は VLAN 0 のどのポートにも登録されていない
              原因      nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED: ゲストが無差別モードを要求し、ポリシーが拒否し
                        ている
              設定      無差別モード = 拒否、vSwitch0 で設定し、ポート グループ Nested が継承
              行        examples/nested.yaml、22 行目

            対処（露出の小さい順）
              それぞれシミュレーターで試した。両方向とも通信でき、いま通信できるほかの 36 組はそのまま通信でき、
              対処のどの部分も省けない。
              1 ポート グループでの許可リスト（vSphere にはない）
                  physical / Nested: 00:50:56:23:5f:9e を許可
                  新たに傍受 0 組、詐称 0 組、指摘 0 件、複製 0 -> 0
              2 ポート グループでの上限付きの MAC ラーニング
                  physical / Nested: 偽装転送 = 承諾
                  physical / Nested: MAC ラーニング、1 ポート最大 8 アドレス、フラッディングなし
                  新たに傍受 0 組、詐称 5 組、指摘 1 件、複製 0 -> 0
              3 ポート グループでのシンク ポート
                  physical / Nested: 偽装転送 = 承諾
                  physical / Nested: シンク = はい
                  新たに傍受 4 組、詐称 5 組、指摘 2 件、複製 0 -> 0
              4 ポート グループでのセキュリティ ポリシー
                  physical / Nested: 偽装転送 = 承諾
                  physical / Nested: 無差別モード = 承諾
                  新たに傍受 4 組、詐称 5 組、指摘 2 件、複製 0 -> 0
              5 vSwitch 全体でのセキュリティ ポリシー
                  physical / vSwitch0: 偽装転送 = 承諾
                  physical / vSwitch0: 無差別モード = 承諾
                  新たに傍受 22 組、詐称 33 組、指摘 2 件、複製 0 -> 1
              または ネストされたホスト内のルーターまたは NAT。ホスト自身のアドレス nested-1/vmk0 は届くことを確
                認した。ラボ ファイルにルーターはないため、中継そのものは試していない。
            差分、コマンド、露出するもの、元に戻す方法:  nsw fix examples/nested.yaml web01 laptop
            ファイルに書き込む:  nsw fix examples/nested.yaml web01 laptop --apply 1
        "#]],
    );
}

#[test]
fn all_codes_in_japanese() {
    check(
        &["explain", "--lang", "ja"],
        &expect![[r#"
            exit code 0
            --- stdout
            スイッチの理由（ライブとシミュレーター）:
              MALFORMED                バイト列が完全なイーサネット フレームではない
              PORT_DOWN                ポートが切断されているか、リンクがダウンしている
              PORT_BLOCKED_MAC_CHANGE  ゲストが MAC アドレスを変更し、MAC アドレス変更が拒否されている
              INVALID_SOURCE           送信元アドレスがグループまたはゼロである
              VLAN_MISMATCH            フレームの VLAN が、入ったポートまたは宛先のポートの VLAN と一致しない
              FORGED_TRANSMIT          送信元が有効な MAC アドレスと異なり、偽装転送が拒否されている
              GUEST_BPDU               ゲストが BPDU を送信し、Net.BlockGuestBPDU が有効である
              REVERSE_PATH             このスイッチ自身のフレームがアップリンクから戻ってきた
              REVERSE_TEAM             チームの割り当てとは別のアップリンクからフレームが届いた
              DEST_NOT_REGISTERED      送信先がこのスイッチのどのポートにも登録されていない
              PROMISCUOUS_NOT_GRANTED  ゲストが無差別モードを要求し、ポリシーが拒否している
              GROUP_NOT_JOINED         そのマルチキャスト グループを受信するポートがない
              NO_PORT_IN_VLAN          フレームの VLAN に属するポートがこのスイッチにほかにない
              NO_UPLINK                アップリンクから出るべきフレームだが、使用できるアップリンクがない
              MTU                      ペイロードが vSwitch の MTU より大きい
              HAIRPIN                  送信先が、フレームの入ってきたポートにある
              LINK_LOCAL               リンクローカル グループ宛のフレームはこのスイッチで終わる
              MAC_LIMIT                ポートが学習できるアドレスの上限に達し、残りをドロップする
              FORGED_REFLECTION        ゲストが直前に偽装して送信したフレームがアップリンクから戻ってきた
              SHAPER                   ゲストがトラフィック シェーピングの許す量を超えて送信した
              BEACON                   このスイッチがアップリンクを調べるビーコンが、その終点に届いた

            スイッチの外（どのスイッチもドロップしていないのに `nsw trace` が見失ったもの）:
              REGISTERED_ELSEWHERE     送信先が別のポートに登録されており、フレームはそちらに届いた
              LEARNED_ELSEWHERE        物理スイッチが送信先を別のポートで学習している
              BACK_WHERE_IT_CAME_FROM  物理スイッチが送信先をフレームの入ってきたポートで学習している
              NOT_FORWARDED            ブリッジはこの種のフレームを転送しない
              OTHER_ADDRESS            アダプタに届いたが、その送信先アドレスを受信していない
              OTHER_VLAN               アダプタに届いたが、ゲストが受信しない VLAN だった
              STORM                    フレームのコピーがループしている
              NO_PATH                  そこから送信先へ通じるケーブルがない
              NO_ANSWER                届いたが、誰も応答しなかった

            `nsw explain コード` がそのページを表示する。
        "#]],
    );
}

#[test]
fn a_page_in_japanese() {
    check(
        &["explain", "NO_ANSWER", "--lang", "ja"],
        &expect![[r#"
        exit code 0
        --- stdout
        # NO_ANSWER

        フレームは意図した相手に届いたが、誰も応答しなかった。

            laptop: "who has 192.168.10.99?"
              |  ... 途中のスイッチはすべて届けた
            web01, 192.168.10.31       x  NO_ANSWER

        スイッチは仕事をした。欠けているのは、自分宛だと思う端点である。

        ## 症状

        * ゲストのキャプチャに要求が見え、応答がない。

        ## 決めるもの

        相手の IP アドレスとプレフィックス長、そしてゲストが要求をどう扱うか。シミュレーターのゲストは自分
        のアドレスについて応答し、ファイアウォールを動かさない。

        ## 対処

        1. 問われたアドレスと、相手のアドレスを比べる。
        2. ライブ: ゲストのファイアウォールと、ゲストでの `ip -br address` を見る。
        3. そのアドレスが、ゲストの別の VLAN アダプタのものではないかを見る。

        ## vSphere では

        何も示されない。

        関連: `OTHER_ADDRESS`、`OTHER_VLAN`。
    "#]],
    );
}

#[test]
fn every_line_fits_a_terminal_where_wide_characters_take_two_columns() {
    let pages = [
        &["explain", "--lang", "ja"][..],
        &["why", "examples/nested.yaml", "web01", "laptop", "--lang", "ja"],
        &["trace", "examples/nested.yaml", "--from", "web01", "--to", "laptop", "--lang", "ja"],
    ];
    for args in pages {
        let columns = |line: &str| line.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum::<usize>();
        let (text, _) = stdout(args);
        let wide: Vec<&str> = text.lines().filter(|line| columns(line) > 100).collect();
        assert!(wide.is_empty(), "{args:?}: {wide:?}");
    }
}

#[test]
fn the_locale_says_the_language_unless_the_option_does() {
    let ja = expect!["フレームは意図した相手に届いたが、誰も応答しなかった。"];
    let en = expect!["The frame arrived at the one that it was meant for, and nobody answered."];
    let page = ["explain", "NO_ANSWER"];
    check_language(&[("LANG", "ja_JP.UTF-8")], &page, &ja);
    check_language(&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "")], &page, &ja);
    check_language(&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "C.UTF-8")], &page, &en);
    check_language(&[("LANG", "de_DE.UTF-8")], &page, &en);
    check_language(&[("LANG", "ja_JP.UTF-8")], &["explain", "NO_ANSWER", "--lang", "en"], &en);
}

#[test]
fn a_language_that_is_not_there() {
    check(
        &["explain", "--lang", "tlh"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: invalid value 'tlh' for '--lang <LANG>': `tlh` is no language of this program; there are en and ja

        For more information, try '--help'.
    "#]],
    );
}

/// What begins a line that is the same in every language: a command, or a line of a diff.
const VERBATIM: [&str; 17] = [
    "esxcli ",
    "govc ",
    "Get-",
    "New-",
    "Connect-",
    "nsw ",
    "ip ",
    "pktcap-uw ",
    "show ",
    "---",
    "+++",
    "@@",
    "+",
    "-",
    "$",
    "docs/",
    "{",
];
/// Words of people who speak Japanese, too.
const ALSO_JAPANESE: [&str; 19] = [
    "explain",
    "nsw",
    "audit",
    "json",
    "ping",
    "patch",
    "esxcli",
    "govc",
    "apply",
    "lab",
    "up",
    "fix",
    "vswitch",
    "high",
    "medium",
    "low",
    "tcpdump",
    "promiscuity",
    "drop",
];

/// The small Latin words that an answer has and its files have not.
fn english_words(args: &[&str]) -> BTreeSet<String> {
    // The demo's lab is the first example.
    let of_the_demo = args.contains(&"demo").then_some(&"examples/nested.yaml");
    let files = args.iter().filter(|arg| arg.ends_with(".yaml")).chain(of_the_demo);
    let text: String =
        files.map(|file| std::fs::read_to_string(root().join(file)).expect("it is there")).collect();
    let known: BTreeSet<String> =
        text.lines().map(|line| line.split('#').next().unwrap_or("")).flat_map(words_of).collect();
    let (text, code) = stdout(&[args, &["--lang", "ja"]].concat());
    assert!(code < 2 && !text.is_empty(), "{args:?}: {code}");
    // A diff has context lines, which belong to the lab file.
    let text = seen(&text);
    let lines =
        text.lines().filter(|line| !VERBATIM.iter().any(|begin| line.trim_start().starts_with(begin)));
    let words = lines.flat_map(words_of);
    words.filter(|word| !known.contains(word) && !ALSO_JAPANESE.contains(&word.as_str())).collect()
}

/// What somebody sees of an answer: of a picture the words in it.
fn seen(text: &str) -> String {
    if !text.starts_with("<svg") {
        return text.to_owned();
    }
    let worded = |line: &&str| ["<text", "<title", "<desc"].iter().any(|element| line.contains(element));
    let parts =
        text.lines().filter(worded).flat_map(|line| line.split('<').filter_map(|part| part.split_once('>')));
    parts.map(|(_, words)| format!("{words}\n")).collect()
}

/// Words of at least two small Latin letters, and nothing else beside them: no code, name or path.
fn words_of(text: &str) -> BTreeSet<String> {
    let bare = text.split(|c: char| c.is_whitespace() || !c.is_ascii() || "()[]{},;\"'`".contains(c));
    let small = |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    bare.map(|word| word.trim_end_matches(['.', ':'])).filter(small).map(str::to_owned).collect()
}

#[test]
fn no_answer_in_japanese_has_english_words() {
    let nested = "examples/nested.yaml";
    let open = "examples/nested-method1.yaml";
    let method_2 = "examples/nested-method2.yaml";
    let exceptions = "examples/audit/nested-method2.exceptions.yaml";
    let bridge = "examples/threads/nsx-edge-bridge-duplicates.yaml";
    let commands: &[&[&str]] = &[
        &["demo", "--simulate"],
        &["trace", nested, "--from", "web01", "--to", "laptop"],
        &["trace", open, "--from", "web01", "--to", "laptop"],
        &["trace", bridge, "--from", "web01", "--to", "web03"],
        &["trace", "examples/allow-list.yaml", "--from", "web01", "--to", "laptop"],
        &["trace", "examples/vlan-trunk.yaml", "--from", "laptop", "--to", "printer"],
        &[
            "trace",
            nested,
            "--at",
            "physical/nested-1.vmnic0",
            "--frame",
            "src=00:50:56:aa:00:07 dst=broadcast vlan=20",
        ],
        &["why", nested, "web01", "laptop"],
        &["fix", nested, "web01", "laptop"],
        &["fix", nested, "app01", "laptop"],
        &["why", "examples/threads/gns3-1869.yaml", "ipterm1", "target"],
        &["why", "examples/vlan-trunk.yaml", "laptop", "printer"],
        &["reach", "examples/threads/gns3-1869.yaml"],
        &["graph", "examples/threads/gns3-1869.yaml", "--why", "ipterm1", "target"],
        &["reach", nested],
        &["reach", nested, "-o", "-"],
        &["reach", "examples/vlan-trunk.yaml", "-o", "-", "--summary"],
        &["exposure", open],
        &["exposure", open, "app01"],
        &["tighten", open],
        &["tighten", nested],
        &["audit", open],
        &["audit", method_2, "--exceptions", exceptions, "--today", "2100-01-01"],
        &["audit", method_2, "--exceptions", exceptions, "--today", "2026-11-28"],
        &["audit", "--rules"],
        &["why", "--symptom", "list"],
        &["graph", nested, "--why", "web01", "laptop"],
        &["graph", "examples/allow-list.yaml"],
        &["graph", bridge],
        &["why", "--symptom", "管理アドレスだけ", nested],
        &["why", "--symptom", "ping", "examples/threads/arc-740.yaml"],
        &["why", "--symptom", "tcpdump", method_2],
        &["why", "--symptom", "only large", nested],
        &["why", "--symptom", "duplicate", bridge],
        &["why", "--symptom", "DHCP", "examples/threads/vic-4759.yaml"],
    ];
    for args in commands {
        assert_eq!(english_words(args), BTreeSet::new(), "{args:?}");
    }
}
