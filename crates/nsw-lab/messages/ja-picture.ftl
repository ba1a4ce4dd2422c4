# 図の中の語: 箱、標識、凡例、ポインターを合わせたときの説明。

picture-lab = ラボ { $lab }
picture-talk = { $from } から { $to } へ（ラボ { $lab }）
picture-about = ホスト { $hosts } と、その中の仮想マシンとホスト。
picture-host = ホスト
picture-nested-host = 仮想マシン内のホスト
picture-a-host = { $name }（ホスト）
picture-a-nested-host = { $name }（仮想マシン内のホスト）
picture-segment = セグメント
picture-more-hosts = ほかにホスト { $count } 台
picture-more-stations = ほかに端末 { $count } 台
picture-more = ほか { $count } 台:
picture-others = … さらに { $count } 台
picture-station-mac = 端末 { $name }、MAC アドレス { $mac }
picture-adapter-mac = { $name }、MAC アドレス { $mac }
picture-vm-macs = 仮想マシン { $name }、MAC アドレス { $macs }
picture-vmkernel-mac = VMkernel アダプタ { $name }、MAC アドレス { $mac }
picture-shaped = シェーピング
picture-own-teaming = 独自のチーミング
picture-bridges = アダプタ間をブリッジ
picture-asks = 無差別モードを要求
picture-changes-mac = MAC を変更
picture-tags = VLAN { $vlan } のタグ
picture-untagged = タグなし
picture-trunk = トランク 4095
picture-mac-learning = MAC ラーニング
picture-allow-list = 許可リスト { $count } 件
picture-sink = シンク
picture-learning-filter = 学習フィルタ
picture-source-guard = 偽装送信元ガード
picture-set-here = ここで設定
picture-inherited = 継承またはデフォルト
picture-own = { $setting }（独自）
picture-at = { $place }
picture-mark = { $letter }: { $place } での { $reason }。{ $summary }。
picture-mark-by = { $letter }: { $place } での { $reason }。{ $summary }。{ $policy }。
picture-not-asked = 無差別モードの要求なし
picture-not-asking = ゲストが無差別モードを要求していない

## 誰が誰に到達するか

matrix-title = ラボ { $lab } で誰が誰に到達するか
matrix-about = 行が問いかけ、同じ番号の列が答える。
matrix-reaches = 到達: { $pairs } 組
matrix-one-way = 片方向のみ（応答が失われる）: { $pairs } 組
matrix-apart = 到達しない: { $pairs } 組
matrix-no-network = 共通の IP ネットワークなし: { $pairs } 組
matrix-some = 到達する組としない組がある: 共通の IP ネットワークを持つ組のうち到達する割合
matrix-others = ほか { $count } 件
matrix-ends = 端点 { $count }
matrix-ends-on-host = { $host } の端点 { $count }
matrix-ends-on-hosts = ホスト { $hosts } 台の端点 { $count }
matrix-segments = セグメント
matrix-hosts = ホストのポートグループ
matrix-nested-hosts = 仮想マシン内のホストのポートグループ
matrix-rest = 小さいもの

## フレームの行方

strand-arrived = { $legs }、{ $from } -> { $to }: 到達
strand-duplicated = { $legs }、{ $from } -> { $to }: 到達、{ $copies } 個のコピー（重複）
strand-died = { $legs }、{ $from } -> { $to }: { $mark } で消失
strand-would-arrive = { $legs }（送信されず、試行）、{ $from } -> { $to }: 届くはず
strand-would-die = { $legs }（送信されず、試行）、{ $from } -> { $to }: { $mark } で失われるはず
