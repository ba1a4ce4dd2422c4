# 文の中に入る語: 設定、設定値、フレームの種類、理由の要約。英語のものはコードにある（`Setting::name` など）。

## 設定

setting-promiscuous-mode = 無差別モード
setting-mac-address-changes = MAC アドレス変更
setting-forged-transmits = 偽装転送
setting-vlan-id = VLAN ID
setting-failover-order = フェイルオーバーの順序
setting-mtu = MTU
setting-net-blockguestbpdu = Net.BlockGuestBPDU
setting-net-reversepathfwdcheck = Net.ReversePathFwdCheck
setting-reverse-teaming-filter = チーミングの逆方向フィルタ
setting-consume-link-local-groups = リンクローカル グループの終端
setting-traffic-shaping = トラフィック シェーピング
setting-mac-learning = MAC ラーニング
setting-forged-source-guard = 偽装送信元ガード
setting-net-reversepathfwdcheckpromisc = Net.ReversePathFwdCheckPromisc
setting-sink = シンク
setting-an-allowed-mac = 許可する MAC アドレス
setting-mac-learning-s-limit = MAC ラーニングの上限
setting-mac-address = MAC アドレス

## 設定値

value-accept = 承諾
value-reject = 拒否
value-on = オン
value-off = オフ
value-no-usable-uplink = 使用可能なアップリンクなし
value-at-the-limit-drop = 上限でドロップ

## フレーム

frame-arp-request = ARP 要求
frame-arp-reply = ARP 応答
frame-neighbour-solicitation = 近隣要請
frame-neighbour-advertisement = 近隣広告
frame-echo-request = エコー要求
frame-echo-reply = エコー応答
frame-ipv6-neighbour-solicitation = IPv6 近隣要請
frame-ipv6-neighbour-advertisement = IPv6 近隣広告
frame-ipv6-router-solicitation = IPv6 ルーター要請
frame-arp-not-for-ipv4 = IPv4 用でない ARP
frame-no-known-protocol = 不明なプロトコル
frame-no-whole-ethernet-header = イーサネット ヘッダーが不完全

## 症状

symptom-ping-works-one-way = ping が片方向だけ通る
symptom-works-only-while-tcpdump-runs = tcpdump の実行中だけ通信できる
symptom-duplicate-replies = 応答が重複する
symptom-dhcp-gets-no-answer = DHCP の応答がない
symptom-works-until-vmotion-or-failback = vMotion またはフェイルバックまでは通信できる
symptom-only-large-packets-fail = 大きいパケットだけ失敗する
symptom-only-the-management-address-answers = 管理アドレスだけが応答する
symptom-broadcast-works-unicast-doesn-t = ブロードキャストは届き、ユニキャストは届かない

## 理由

MALFORMED = バイト列が完全なイーサネット フレームではない
PORT_DOWN = ポートが切断されているか、リンクがダウンしている
PORT_BLOCKED_MAC_CHANGE = ゲストが MAC アドレスを変更し、MAC アドレス変更が拒否されている
INVALID_SOURCE = 送信元アドレスがグループまたはゼロである
VLAN_MISMATCH = フレームの VLAN が、入ったポートまたは宛先のポートの VLAN と一致しない
FORGED_TRANSMIT = 送信元が有効な MAC アドレスと異なり、偽装転送が拒否されている
GUEST_BPDU = ゲストが BPDU を送信し、Net.BlockGuestBPDU が有効である
REVERSE_PATH = このスイッチ自身のフレームがアップリンクから戻ってきた
REVERSE_TEAM = チームの割り当てとは別のアップリンクからフレームが届いた
DEST_NOT_REGISTERED = 送信先がこのスイッチのどのポートにも登録されていない
PROMISCUOUS_NOT_GRANTED = ゲストが無差別モードを要求し、ポリシーが拒否している
GROUP_NOT_JOINED = そのマルチキャスト グループを受信するポートがない
NO_PORT_IN_VLAN = フレームの VLAN に属するポートがこのスイッチにほかにない
NO_UPLINK = アップリンクから出るべきフレームだが、使用できるアップリンクがない
MTU = ペイロードが vSwitch の MTU より大きい
HAIRPIN = 送信先が、フレームの入ってきたポートにある
LINK_LOCAL = リンクローカル グループ宛のフレームはこのスイッチで終わる
MAC_LIMIT = ポートが学習できるアドレスの上限に達し、残りをドロップする
FORGED_REFLECTION = ゲストが直前に偽装して送信したフレームがアップリンクから戻ってきた
SHAPER = ゲストがトラフィック シェーピングの許す量を超えて送信した
BEACON = このスイッチがアップリンクを調べるビーコンが、その終点に届いた
REGISTERED_ELSEWHERE = 送信先が別のポートに登録されており、フレームはそちらに届いた
LEARNED_ELSEWHERE = 物理スイッチが送信先を別のポートで学習している
BACK_WHERE_IT_CAME_FROM = 物理スイッチが送信先をフレームの入ってきたポートで学習している
NOT_FORWARDED = ブリッジはこの種のフレームを転送しない
OTHER_ADDRESS = アダプタに届いたが、その送信先アドレスを受信していない
OTHER_VLAN = アダプタに届いたが、ゲストが受信しない VLAN だった
STORM = フレームのコピーがループしている
NO_PATH = そこから送信先へ通じるケーブルがない
NO_ANSWER = 届いたが、誰も応答しなかった
