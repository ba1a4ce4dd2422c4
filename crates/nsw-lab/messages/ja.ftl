# 診断の文。キー 1 つが 1 文。名前、アドレス、コードは引数として入り、訳さない。
# 用語は vSphere の日本語版に合わせる: 無差別モード、MAC アドレス変更、偽装転送、承諾、拒否、ポート グループ、アップリンク。

## nsw why: 答え

why-verdict = { $from } -> { $to }: { $verdict }
why-legs = 送られるもの
why-leg-arrived = 到達
why-leg-duplicated = 到達、{ $copies } 個のコピー
why-leg-died = 消失
why-leg-not-sent = 送信されず
why-died-here = 最初のフレームが失われる場所: { $from } の { $frame }
why-would-die-here = 逆方向も失われるはず: { $from } の { $frame }
why-dies-also = 逆方向も失われる: { $from } の { $frame }
why-only-this-way = 逆方向のフレームは届く。
why-depth = { $depth ->
    [0] ネストなし
   *[other] ネスト { $depth } 段
}
why-set-in = { $file }、{ $line } 行目
why-default-of = { $file } では設定されていない。対象は { $line } 行目
why-not-asking = { $port } の先のゲストは無差別モードを要求していない

## nsw explain

explain-of-a-switch = スイッチの理由（ライブとシミュレーター）:
explain-beside-the-switch = スイッチの外（どのスイッチもドロップしていないのに `nsw trace` が見失ったもの）:
explain-prints-a-page = `nsw explain コード` がそのページを表示する。

## 行の見出し

label-place = 場所
label-reason = 理由
label-setting = 設定
label-line = 行
label-facts = 事実
label-because = 原因
label-router = または

## 場所

place-host = ホスト { $host }（{ $depth }）
place-port-group = ポート グループ { $name }
place-port = ポート { $name }
place-segment = セグメント { $name }
place-bridge = { $name } 内のブリッジ

## 決め手となった設定

policy-own = { $setting } = { $value }、ポート グループ { $group } で設定
policy-inherited = { $setting } = { $value }、{ $vswitch } で設定し、ポート グループ { $group } が継承
policy-default = { $setting } = { $value }、{ $vswitch } のデフォルトを、ポート グループ { $group } が継承
policy-switch = { $setting } = { $value }、{ $vswitch } で設定
policy-switch-default = { $setting } = { $value }、{ $vswitch } のデフォルト

## 決め手となった事実

fact-source = 送信元は { $src }、このポートの有効な MAC アドレスは { $effective }
fact-not-registered = 送信先 { $dst } は VLAN { $vlan } のどのポートにも登録されていない
fact-registered = 送信先 { $dst } はポート { $port } に登録されている
fact-tagged = フレームには VLAN { $tag } のタグが付いている
fact-tagged-misfit = フレームには VLAN { $tag } のタグが付いており、ポート グループに合わない
fact-untagged-misfit = フレームにはタグがなく、ポート グループに合わない
fact-untagged = フレームはタグなしで届き、VLAN { $vlan } に属する

## 不明で、結果を左右するもの

unknown-title = ラボ ファイルに書かれていないことに左右される。それぞれ両方の場合を試した:
unknown-asks-yes = { $who } のゲストが無差別モードを要求する場合だけ通信できる
unknown-asks-no = { $who } のゲストが無差別モードを要求しない場合だけ通信できる
unknown-heard-last-yes = 同じアドレス { $mac } を持つ { $other } が最後に送信した場合だけ通信できる
unknown-heard-last-no = 同じアドレス { $mac } を持つ { $other } が最後に送信した場合は通信できない
unknown-learned-yes = ほかの端点が先に送信し、ポートが学習している場合だけ通信できる
unknown-learned-no = ほかの端点が先に送信した場合は通信できない。ポートが学習の上限に達している
unknown-uplink = { $host } の { $vswitch } では、{ $talks } を通れば通信でき、{ $not } では通信できない。どちらを使うかはポート番号で決まる

## ファイルに足りないもの

lacking-address = { $whose } に IP アドレスがないため、何も問い合わせできない。
lacking-address-would-talk = { $whose } に IP アドレスがないため、何も問い合わせできない。相手と同じネットワークのアドレスがあれば通信できる。
lacking-address-would-not-talk = { $whose } に IP アドレスがないため、何も問い合わせできない。相手と同じネットワークのアドレスがあっても通信できない。
lacking-network = { $from } と { $to } に共通の IP ネットワークがなく、ラボ ファイルにルーターはない。
lacking-itself = 両端が同じである。

## 対処

fix-title = 対処（露出の小さい順）
fix-tried = それぞれシミュレーターで試した。両方向とも通信でき、{ $pairs ->
    [0] ほかの通信を断つこともない。
   *[other] いま通信できるほかの { $pairs } 組はそのまま通信でき、対処のどの部分も省けない。
}
fix-settles = どれを行っても、ファイルに書かれていないことに左右されずに通信できる。
fix-not-needed = 対処は不要。双方向で通信できる。
fix-none = この経路の設定、ケーブル、アドレスの変更で解決するものは見つからなかった。
fix-none-vlan = 両者は異なる VLAN にあり、スイッチは VLAN を分離する。その間の中継はルーターの役目で、ラボ ファイルにルーターはない。
fix-none-on-platform = { $platform } でできる対処は見つからなかった。
fix-harmful = 効果はあるがほかの通信を断つため除いたもの: { $count } 件
fix-only-harmful = ほかの通信を断たない対処は見つからなかった。効果はあるがほかの通信を断つもの: { $count } 件。
fix-router = ネストされたホスト内のルーターまたは NAT。ホスト自身のアドレス { $name } は届くことを確認した。ラボ ファイルにルーターはないため、中継そのものは試していない。
fix-more = 差分、コマンド、露出するもの、元に戻す方法:  nsw fix { $file } { $from } { $to }
fix-apply = ファイルに書き込む:  nsw fix { $file } { $from } { $to } --apply 1

## nsw fix: 一つの対処の詳細

fix-number = 対処 { $number } / { $count }: { $manner }
fix-no-such = 対処 { $number } はない。あるのは { $count } 件
label-change = 変更
label-reads = 傍受
label-sends = 詐称
label-copies = 複製
label-guides = 監査
label-diff = 差分
label-undo = 戻す
opens-no-reads = ゲストが何を要求しても、新たに傍受できる者はいない
opens-no-sends = 新たに他者を名乗って送信できる者はいない
opens-copies = 両者のユニキャスト フレームが届く第三者: 現在 { $before }、対処後 { $after }
opens-more = { $names } ほか { $more }
opens-in-short = 新たに傍受 { $reads } 組、詐称 { $sends } 組、指摘 { $findings } 件、複製 { $before } -> { $after }
opens-findings = 新たな指摘: { $findings }
opens-no-findings = nsw audit の新たな指摘はない
diff-refused = ファイル内では編集できない: { $why }
recipe-on = { $tool }（{ $host } 上）
recipe = { $tool }
recipe-in-file = ラボ ファイル: nsw fix ... --apply { $number }、続けて nsw lab up { $file }
recipe-elsewhere = { $change }: ゲスト、ケーブルまたは VM で手作業により行う
undo-diff = 差分を逆に適用する: patch -R
applied = { $file }: 対処 { $number } を書き込んだ（変更 { $count } 件）。コメントと書式はそのまま。元に戻すには、この差分を逆に適用する: patch -R
taken-back = ping に応答がなかった。稼働中のラボは元の状態に戻し、{ $file } は変更していない。

## 対処の種類

manner-address = 外側のスイッチが知っているアドレスを仮想マシンに持たせる
manner-allow-list = 許可リスト（vSphere にはない）
manner-learning = 上限付きの MAC ラーニング
manner-sink = シンク ポート
manner-promiscuous-allow-list = 無差別モードと許可リスト（vSphere にはない）
manner-promiscuous = セキュリティ ポリシー
manner-other = その他の設定
manner-on-dedicated = 専用のポート グループでの{ $manner }
manner-on-port-group = ポート グループでの{ $manner }
manner-on-vswitch = vSwitch 全体での{ $manner }

## 変更

change-security = { $at }: { $setting } = { $value }
change-allow = { $at }: { $mac } を許可
change-learn = { $at }: MAC ラーニング、1 ポート最大 { $limit } アドレス、フラッディングなし
change-sink = { $at }: シンク = はい
change-vlan = { $host } / { $group }: VLAN ID { $id }
change-vlan-trunk = { $host } / { $group }: VLAN ID 4095（ゲストがタグを付ける）
change-add-port-group = { $host }: 新しいポート グループ { $name }（{ $like } と同じ設定）
change-connect = { $vm } / { $nic }: ポート グループ { $group } に接続
change-vnic-mac = { $vm } / { $nic }: MAC アドレス { $mac }
change-keep-mac = { $vm } / { $nic }: ゲストはアダプタに構成された MAC アドレスを変えない
change-vmkernel-mac = { $host } / { $vmk }: MAC アドレス { $mac }
change-guest-vlan = { $vm } / { $nic }: ゲストが VLAN { $id } のタグを付ける
change-guest-untagged = { $vm } / { $nic }: ゲストはタグを付けない
change-add-uplink = { $host } / { $vswitch }: アップリンク { $pnic }
change-cable = { $host } / { $pnic }: セグメント { $segment } にケーブルを接続
change-mtu = { $host } / { $vswitch }: MTU { $mtu }
change-check-promiscuous = { $host } / { $vswitch }: Net.ReversePathFwdCheckPromisc 1、その後に無差別モードをいったんオフにしてからオン
change-active = { $at }: 有効なアップリンク { $uplinks }
