# ラボ全体についての文。キーはコマンドごとにまとめる。名前、アドレス、コードは引数として入り、訳さない。

## nsw reach

reach-legend = x: 到達、>: 片方向のみ、-: 到達しない、.: 共通の IP ネットワークなし
reach-asked = アドレスを持つ端点 { $ends }、順序付きの組 { $pairs }、調べた会話 { $asked }
reach-obstacles = 妨げているもの（組の多い順）
reach-obstacle = { $place } での { $reason }（{ $frame }）
reach-more-obstacles = ほか { $more } 件。--json ですべて出力する
count-hosts = ホスト { $count } 台

## nsw exposure

exposure-now = 現在
exposure-at-worst = 最悪の場合
exposure-port-group = ポート グループ
exposure-on = ホスト
exposure-reads-now = 傍受: 現在
exposure-sends-now = 詐称: 現在
exposure-nested-hosts = （ネストされたホスト）
exposure-stations = （端末）
exposure-outside = 外部
exposure-nobody = なし
exposure-group = グループ内
exposure-everything = グループ外も
exposure-legend = なし: 誰も対象にならない、グループ内: 同じホストの同じポート グループだけ、グループ外も: ほかの端点も対象
exposure-pairs-now = 現在: 傍受する者とされる者 { $reads } 組、詐称する者とされる者 { $sends } 組
exposure-pairs-at-worst = 最悪の場合: 傍受する者とされる者 { $reads } 組、詐称する者とされる者 { $sends } 組
exposure-read-by = 傍受される相手: { $names }
exposure-reads = 傍受できる相手: { $names }
exposure-impersonated-by = 詐称される相手: { $names }
exposure-sends-as = 詐称できる相手: { $names }

## nsw tighten

tighten-title = 次の設定はまとめて閉じることができ、いま通信できる組はすべてそのまま通信できる:
tighten-none = 閉じられる設定はない: { $needed }
tighten-needed = { $count ->
    [0] 承諾にしておく必要のあるポート グループの設定はない
   *[other] 承諾のままにする必要のあるポート グループの設定: { $count } 件
}
tighten-by-itself = これだけで、最悪の場合の傍受 { $reads } 組、詐称 { $sends } 組がなくなる
tighten-by-itself-nothing = これだけでは、いま誰かが利用できるものは何も減らない
tighten-ports = 対象のポート: { $count } 個
tighten-not-measured = 端点が { $limit } を超えるラボでは、減る露出の量は測らない。どの機器も、それまで知っていたアドレスをすべて引き続き知っている
tighten-together = すべて合わせると、最悪の場合の傍受 { $reads } 組、詐称 { $sends } 組がなくなる
tighten-together-nothing = すべて合わせても、いま誰かが利用できるものは何も減らない
tighten-no-diff = 差分は作れない: { $why }

## nsw audit

finding-own = { $setting }: { $value }、ポート グループで設定
finding-vswitch = { $setting }: { $value }、vSwitch で設定
finding-default = { $setting }: { $value }、設定なし（デフォルト）
finding-bare = { $setting }: { $value }
finding-beside = { $finding }、同居: { $names }
finding-same-as = { $finding }、同じもの: { $names }
finding-promiscuous = { $finding }、無差別モード: { $names }
finding-inherited = { $finding }、継承: { $names }
audit-excused = { $day } まで例外: { $rule } { $object }
audit-excused-by = { $day } まで例外（{ $owner }）: { $reason }
audit-no-finding = 指摘なし
audit-expired = { $object } の { $rule } の例外は { $day } に期限が切れた
audit-unneeded = { $rule } は { $object } では起きていないため、この例外は不要である
audit-unneeded-hint = { $rule } は { $object } では起きていないため、この例外は不要である。`{ $meant }` の間違いではないか
audit-sum = 指摘 { $findings } 件
audit-sum-by-severity = 指摘 { $findings } 件（{ $detail }）
audit-sum-exceptions = { $sum }、例外扱い { $excused } 件、期限切れの例外 { $expired } 件、不要な例外 { $unneeded } 件

## nsw why --symptom。セミコロンの後ろは別の行になる。

symptom-tried = { $phrase }: { $pairs } 組を試した
symptom-left-out = 端点 { $ends } 個は省いた。調べるには 1 つか 2 つを指定する
symptom-nothing = このラボ ファイルの中に原因はない。ファイルに書かれていないものを調べる: ゲストのファイアウォール、アドレスとルート、ケーブル、同じアドレスを持つ別の機器
label-seen = 観察:
label-test = 検査:
label-if = 該当:
label-change-by = 対処:
label-else = 次へ:
lead-explains = { $pairs } 組を説明する。例: { $from } -> { $to }
lead-test-on = { $on } で
lead-physical-switch = 物理スイッチ
what-dies = { $place } での { $reason }
what-not-asking = { $place } の先のゲストが、自分からは無差別モードを要求しない可能性がある
what-group-unheard = { $place } の先のアダプタに、そのグループが伝えられていない
what-flooded-by-team = { $place } の無差別モードのポートに、フラッディングがアップリンクごとに届く
what-forged-reflection = { $place } のゲストが偽装して送信したフレームが、別のアップリンクから戻ってくる
what-two-ways = { $place } の複数のアップリンクが同じネットワークにつながっている
what-loop = コピーが { $place } を通ってループしている
seen-dies = フレームは { $place } で失われる: { $reason }
seen-dies-unasked = その要求がなければフレームは { $place } で失われる: { $reason }
seen-talk-if-asked = 要求があれば通信できる
seen-other-way = { $to } から { $from } へ送信したものは届く
seen-answers = { $who } は { $whom } に応答する
seen-large = { $large } バイトの場合
seen-small = { $small } バイトなら届く
seen-broadcast = { $from } のブロードキャストは届く
seen-client-broadcast = クライアントのブロードキャストである
seen-answer-is-unicast = { $client } のブロードキャストは届き、応答はユニキャストである
seen-loop = コピーが変わらないまま戻ってくる
seen-copies = コピーは { $copies } 個
seen-one-by-option = Net.ReversePathFwdCheckPromisc を有効にすれば 1 個
seen-one-by-guard = ここで偽装されたものに対するガードがあれば 1 個
seen-one-by-one-uplink = アップリンクを 1 つにすれば 1 個
seen-only-sniffed = { $group } 宛のフレームは、キャプチャ中は届き、そうでなければ届かない
seen-failback = { $host } の { $uplink } が停止して復旧したあと、{ $until } がふたたび送信するまで
seen-moved = { $vm } が { $target } にある場合; いまの場所では通信できる
shows-promiscuity = 誰もキャプチャしていない間は `promiscuity 0` と表示される; tcpdump の実行中は 1 と表示される
shows-group-missing = プログラムが受信しているのに、そのグループが一覧にない
shows-option-off = `Int Value: 0` と表示される; アップリンクを 1 つ抜くと重複がなくなる
shows-inside-address = ネストされたホストの内側にあるはずのアドレスからのフレームが入ってくる
shows-two-uplinks = アップリンクが 2 つ表示される; 1 つ抜くと重複がなくなる
shows-over-and-over = 1 回だけ送信した同じフレームが何度も現れる
shows-mac-forgery = 理由が MAC Forgery のドロップが表示される
shows-vlan-tag-mismatch = 理由が VlanTag Mismatch のドロップが表示される
shows-not-at-the-port = フレームはここに入ってくる; そのポートからは出ない（--capture PortOutput --switchport ID）
shows-other-uplink = そのポートが送信に使わないアップリンクからフレームが入ってくる
shows-other-address = 仮想マシンの設定とは異なるアドレスが表示される
shows-no-uplink = vSwitch にアップリンクがないか、ポート グループが使えるものがすべてダウンしている
shows-mtu = MTU が送信元より小さい; `ping -M do -s 1472` は通り、それより大きいものは通らない
shows-option-on = `Int Value: 1` と表示される
shows-shaping = シェーピングが有効で、上限が送信量より小さい
shows-dropped = ドロップの中にそのフレームがある
shows-twice = 同じアドレスが 2 か所にある
shows-learned-elsewhere = そのホストが接続されているのとは別のポートにアドレスがある
shows-other-vlan = フレームとは別の VLAN のインターフェイスが表示される
shows-nothing = 何も表示されない: フレームはこのホストの外で失われている
