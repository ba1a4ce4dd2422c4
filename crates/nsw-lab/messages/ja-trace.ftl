# `nsw trace` と `nsw demo` の文: フレームの行方を一段ずつ、そしてネストされたラボの物語。

## スイッチの一段

step-enters = { $vswitch } に { $port } から入る、ポート グループ { $group }
step-enters-by-uplink = { $vswitch } にアップリンク { $port } から入る
step-enters-nowhere = ポート { $port } から入るが、そのポートは存在しない
step-untagged = タグなし: VLAN { $vlan }
step-tagged = タグ { $tag }: VLAN { $vlan }
step-untagged-misfit = タグなしで、{ $mode } のポートに合わない
step-tagged-misfit = タグ { $tag } で、{ $mode } のポートに合わない
step-hidden-tag-misfit = タグ 0 の後ろに別のタグがあり、{ $mode } のポートに合わない
step-mode-vlan = VLAN { $vlan }
step-mode-untagged = VLAN 0（タグなし）
step-mode-guest = VLAN 4095（ゲストがタグを付ける）
step-own-source = 送信元 { $src } は有効な MAC アドレスである
step-other-source = 送信元 { $src } は有効な MAC アドレス { $effective } ではない
step-other-source-accepted = 送信元 { $src } は有効な MAC アドレス { $effective } ではない; 偽装転送 = 承諾
step-other-source-allowed = 送信元 { $src } は有効な MAC アドレス { $effective } ではない; 許可リストにある
step-broadcast = 送信先はブロードキャスト
step-group = 送信先はマルチキャスト グループ { $dst }
step-registered = 送信先 { $dst } は { $port } に登録されている
step-learned = 送信先 { $dst } は { $port } で学習された
step-not-registered = 送信先 { $dst } は VLAN { $vlan } のどのポートにも登録されていない
step-shotgun = どの経路でもビーコンが途絶えている: すべてのアップリンクから出る
step-leave = アップリンク { $port } から出る
step-copy = { $port } に複製、無差別モード
step-deliver = { $port } に配信
step-deliver-learned = 学習している { $port } に配信
step-deliver-allowed = 許可している { $port } に配信
step-flood = { $port } にフラッディング
step-sink = シンク { $port } に配信
step-with-tag = { $delivery }、タグ { $tag }
step-without-tag = { $delivery }、タグを外す
step-refuse = { $port } には渡さない: { $reason }
step-drop = ドロップ { $reason }

## ブリッジと、複製を受け取る相手

bridge-floods = { $from } から来る: ほかのすべてのポートへ
bridge-knows = { $from } から来る: 送信先を学習した { $port } へ
bridge-knows-back = { $from } から来る: ここで終わる。送信先は同じポートで学習された
bridge-link-local = { $from } から来る: ここで終わる。ブリッジはリンクローカル グループを転送しない
bridge-malformed = { $from } から来る: ここで終わる。バイト列が完全なイーサネット フレームではない
trace-nowhere = { $port } は何にも接続されていない
trace-not-its-address = { $name } は無視する: 自分のアドレスではない
trace-not-its-vlan = { $name } は無視する: 自分の VLAN ではない
trace-loop = ループ: 複製が戻ってきた。実際のネットワークでは回り続ける
trace-too-many = ストーム: 複製が多すぎるため、残りは追っていない

## 通信

trace-leg = { $number } { $frame }  { $from } -> { $to }
trace-to-broadcast = ブロードキャスト
trace-to-group = グループ { $dst }
trace-leg-not-sent = { $number } { $frame }: 送信されず
trace-leg-not-sent-as = { $number } { $frame }: 送信されず。{ $summary }
trace-arrived = { $name } に到達
trace-arrived-copies = { $name } に到達、{ $copies } 個のコピー: 重複
trace-died = { $place } で消失: { $reason }
trace-at = { $place }: { $reason }
trace-because = 原因 { $place }: { $reason }
trace-because-at = 原因 { $place }
trace-not-asking = その先のゲストは無差別モードを要求していない
trace-way-arrives = { $from } -> { $to }: 到達
trace-way-dies = { $from } -> { $to }: { $frame }が消失
trace-way-would-die = { $from } -> { $to }: { $frame }は送信されず、送信されても失われるはず
trace-no-network = { $from } -> { $to }: 送信されず。共通の IP ネットワークがなく、ラボにルーターはない
trace-no-address = { $from } -> { $to }: 送信されず。{ $whose } に IP アドレスがない
trace-itself = { $from } -> { $to }: 同じアダプタ

## nsw lab drops

drops-died = { $frame }: { $place } で消失
drops-went-on = { $frame }: { $place } で一部のポートに渡らず通過
drops-times = { $frame }、{ $count } 回
drops-no-port = まだ接続されていないポート
drops-not-to = { $place } には渡らず: { $reason }
drops-reason = { $reason }（{ $policy }）
frame-asks = ARP 要求、{ $sender } が { $target } を探している
frame-answers = ARP 応答、{ $sender } から { $target }
frame-between = { $what }、{ $from } から { $to }

## nsw demo

demo-title = ネストされたホストの仮想マシンは、なぜ外部と通信できないのか
demo-live = ライブ、実際のフレームで
demo-simulated = シミュレーターで
demo-not-live = ここではライブのラボを動かせない（{ $why }）。同じ物語をシミュレーターで:
demo-not-linux = Linux ではない
demo-opening = physical の vSwitch は nested-1 の MAC アドレスを知っているが、web01 のものは聞いたことがない。
demo-round-closed = すべて拒否
demo-round-method-1 = 方法 1: vSwitch0 で無差別モードと偽装転送 = 承諾
demo-round-method-2 = 方法 2: 同じ設定をポート グループ Nested だけでオーバーライド
demo-round-forged-only = 半開き: Nested で偽装転送 = 承諾、無差別モードは開かない
demo-round-promiscuous-only = 半開き: Nested で無差別モード = 承諾、偽装転送は開かない
demo-round-mac-changes-only = 3 つ目の設定だけ: Nested で MAC アドレス変更 = 承諾
demo-replies = 応答 { $received } / { $sent }
demo-median = { $replies }、中央値 { $us } us
demo-duplicates = { $replies }、重複 { $count }
demo-copies = { $name } に渡った、自分宛でないフレーム: { $count }
demo-arrived = { $frame }は到達
demo-died = { $sender } の { $frame }が { $place } で消失
demo-died-times = { $sender } の { $frame }が { $place } で消失（{ $count } 回）
demo-uplink = アップリンク { $name }
demo-asks = { $port } はすべてのフレームを要求している: { $reason }
demo-no-policy = ポリシーなし
demo-shows = ここから分かること
demo-two-settings =
    外側のホストで 2 つの設定が、どちらも必要である。web01 が送信するものには偽装転送、web01 宛のものには
    無差別モード。MAC アドレス変更は、すべてが通信できた間も拒否のままで、それだけを開いても何も直らな
    かった。ネストされたホスト自身のアダプタが MAC アドレスを変えることはないからである。
demo-exposes =
    方法 2 のほうが露出は小さい。別のポート グループの第三者に渡った
    他者宛のフレームは、方法 1 で { $first }、方法 2 で { $second }。
demo-next = `nsw explain FORGED_TRANSMIT` がコードを説明する。`nsw lab up examples/nested.yaml` でこのラボを動かせる。
