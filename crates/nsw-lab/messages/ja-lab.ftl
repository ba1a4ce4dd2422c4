# ラボ全体についての文。キーはコマンドごとにまとめる。名前、アドレス、コードは引数として入り、訳さない。

## nsw reach

reach-legend = x: 到達、>: 片方向のみ、-: 到達しない、.: 共通の IP ネットワークなし
reach-asked = アドレスを持つ端点 { $ends }、順序付きの組 { $pairs }、うち実際に調べた組 { $asked }
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
tighten-together = すべて合わせると、最悪の場合の傍受 { $reads } 組、詐称 { $sends } 組がなくなる
tighten-together-nothing = すべて合わせても、いま誰かが利用できるものは何も減らない
tighten-no-diff = 差分は作れない: { $why }
