//! The pictures as text. `docs/pictures/` holds the SVG of the classic fault, which a test of the binary compares.

use expect_test::{Expect, expect};
use nsw_lab::graph::{dot, mermaid, svg};

use super::super::examples::example;
use super::{CROWDED, graph, lab_of};

const SMALL: &str = "
lab: small
segments:
  office:
    stations:
      laptop: { address: 192.168.10.50/24 }
hosts:
  physical:
    vmnics:
      vmnic0: { segment: office }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        port-groups:
          Nested: { security: { promiscuous: accept } }
    vms:
      nested-1:
        port-group: Nested
        host:
          vswitches:
            vSwitch0: { uplinks: [vmnic0], port-groups: { VM Network: {} } }
          vms:
            web01: { port-group: VM Network, address: 192.168.10.31/24 }
";

#[track_caller]
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(text);
}

#[test]
fn graphviz() {
    check(
        &dot(&graph(&lab_of(SMALL), Some(("web01", "laptop")))),
        &expect![[r##"
            digraph "web01/eth0 to laptop in lab small" {
              graph [compound=true, rankdir=TB, fontname="sans-serif", newrank=true];
              node [shape=box, style=filled, fillcolor=white, fontname="sans-serif", fontsize=11];
              edge [dir=none, color="#94a0b0", fontname="sans-serif", fontsize=10];
              n0 [label="office\nsegment", shape=cds, fillcolor="#e9e4d8"];
              n1 [label="laptop\n192.168.10.50"];
              subgraph cluster_0 {
                label="physical, a host"; style=rounded; fillcolor="#d8e2ef"; color="#6f7f96";
                n2 [label="vmnic0", style="filled,rounded"];
                n9 [label="A FORGED_TRANSMIT\nforged transmits = Reject, default of\nvSwitch0, inherited by port group\nNested", shape=octagon, color="#b81d26", fontcolor="#b81d26", penwidth=2];
                subgraph cluster_1 {
                  label="vSwitch0"; style="filled,rounded"; fillcolor="#d8e2ef"; color="#6f7f96";
                  n3 [label="vSwitch0\nP Reject, M Reject, F Reject", fillcolor="#d8e2ef"];
                  n4 [label="Nested\nuntagged\nP Accept (own), M Reject, F Reject", fillcolor="#edf2f8"];
                }
                subgraph cluster_2 {
                  label="nested-1, a host in a VM"; style=rounded; fillcolor="#d8e2ef"; color="#6f7f96";
                  n5 [label="vmnic0", style="filled,rounded"];
                  n8 [label="web01\n192.168.10.31"];
                  subgraph cluster_3 {
                    label="vSwitch0"; style="filled,rounded"; fillcolor="#d8e2ef"; color="#6f7f96";
                    n6 [label="vSwitch0\nP Reject, M Reject, F Reject", fillcolor="#d8e2ef"];
                    n7 [label="VM Network\nuntagged\nP Reject, M Reject, F Reject", fillcolor="#edf2f8"];
                  }
                }
              }
              n1 -> n0;
              n0 -> n2;
              n2 -> n3;
              n3 -> n4;
              n5 -> n6;
              n6 -> n7;
              n7 -> n8;
              n4 -> n5;
              n8 -> n7 [label="1 ARP request, web01/eth0 -> laptop: died at A", dir=forward, color="#1a66c9", penwidth=2, constraint=false];
              n7 -> n6 [dir=forward, color="#1a66c9", penwidth=2, constraint=false];
              n6 -> n5 [dir=forward, color="#1a66c9", penwidth=2, constraint=false];
              n5 -> n4 [dir=forward, color="#1a66c9", penwidth=2, constraint=false];
              n4 -> n9 [dir=forward, color="#1a66c9", penwidth=2, constraint=false];
              n1 -> n0 [label="echo reply (not sent, tried), laptop -> web01/eth0: would have arrived", dir=forward, color="#8038b8", penwidth=1, style=dashed, constraint=false];
              n0 -> n2 [dir=forward, color="#8038b8", penwidth=1, style=dashed, constraint=false];
              n2 -> n3 [dir=forward, color="#8038b8", penwidth=1, style=dashed, constraint=false];
              n3 -> n4 [dir=forward, color="#8038b8", penwidth=1, style=dashed, constraint=false];
              n4 -> n5 [dir=forward, color="#8038b8", penwidth=1, style=dashed, constraint=false];
              n5 -> n6 [dir=forward, color="#8038b8", penwidth=1, style=dashed, constraint=false];
              n6 -> n7 [dir=forward, color="#8038b8", penwidth=1, style=dashed, constraint=false];
              n7 -> n8 [dir=forward, color="#8038b8", penwidth=1, style=dashed, constraint=false];
            }
        "##]],
    );
}

#[test]
fn mermaid_flowchart() {
    check(
        &mermaid(&graph(&lab_of(SMALL), Some(("web01", "laptop")))),
        &expect![[r#"
            flowchart TB
              accTitle: web01/eth0 to laptop in lab small
              n0[["office<br/>segment"]]:::segment
              n1["laptop<br/>192.168.10.50"]:::client
              subgraph g0["physical, a host"]
                n2(["vmnic0"]):::adapter
                n9{{"A FORGED_TRANSMIT<br/>forged transmits = Reject, default of<br/>vSwitch0, inherited by port group<br/>Nested"}}:::death
                subgraph g1["vSwitch0"]
                  n3["vSwitch0<br/>P Reject, M Reject, F Reject"]:::vswitch
                  n4["Nested<br/>untagged<br/>P Accept (own), M Reject, F Reject"]:::group
                end
                subgraph g2["nested-1, a host in a VM"]
                  n5(["vmnic0"]):::adapter
                  n8["web01<br/>192.168.10.31"]:::client
                  subgraph g3["vSwitch0"]
                    n6["vSwitch0<br/>P Reject, M Reject, F Reject"]:::vswitch
                    n7["VM Network<br/>untagged<br/>P Reject, M Reject, F Reject"]:::group
                  end
                end
              end
              n1 --- n0
              n0 --- n2
              n2 --- n3
              n3 --- n4
              n5 --- n6
              n6 --- n7
              n7 --- n8
              n4 --- n5
              n8 ==>|"1 ARP request, web01/eth0 -#62; laptop: died at A"| n7
              n7 ==> n6
              n6 ==> n5
              n5 ==> n4
              n4 ==> n9
              n1 -.->|"echo reply (not sent, tried), laptop -#62; web01/eth0: would have arrived"| n0
              n0 -.-> n2
              n2 -.-> n3
              n3 -.-> n4
              n4 -.-> n5
              n5 -.-> n6
              n6 -.-> n7
              n7 -.-> n8
              classDef segment fill:#e9e4d8,stroke:#9a8f78,color:#1c2430
              classDef client fill:#ffffff,stroke:#8a94a3,color:#1c2430
              classDef adapter fill:#ffffff,stroke:#6f7f96,color:#1c2430
              classDef vswitch fill:#d8e2ef,stroke:#6f7f96,color:#1c2430
              classDef group fill:#edf2f8,stroke:#a5b0bf,color:#1c2430
              classDef death fill:#ffffff,stroke:#b81d26,stroke-width:3px,color:#b81d26
              classDef refusal fill:#ffffff,stroke:#b81d26,stroke-dasharray:4 3,color:#1c2430
              classDef leftout fill:#ffffff,stroke:#8a94a3,stroke-dasharray:2 3,color:#566171
              linkStyle 8 stroke:#1a66c9
              linkStyle 9 stroke:#1a66c9
              linkStyle 10 stroke:#1a66c9
              linkStyle 11 stroke:#1a66c9
              linkStyle 12 stroke:#1a66c9
              linkStyle 13 stroke:#8038b8
              linkStyle 14 stroke:#8038b8
              linkStyle 15 stroke:#8038b8
              linkStyle 16 stroke:#8038b8
              linkStyle 17 stroke:#8038b8
              linkStyle 18 stroke:#8038b8
              linkStyle 19 stroke:#8038b8
              linkStyle 20 stroke:#8038b8
        "#]],
    );
}

#[test]
fn svg_without_its_style() {
    let text = svg(&graph(&lab_of(SMALL), Some(("web01", "laptop"))));
    let (head, rest) = text.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>\n").unwrap();
    check(
        &format!("{head}{body}"),
        &expect![[r#"
            <svg xmlns="http://www.w3.org/2000/svg" width="640" height="807" viewBox="0 0 640 807" font-family="system-ui, 'Segoe UI', Roboto, Arial, 'Noto Sans', 'DejaVu Sans', sans-serif" role="img" aria-labelledby="title desc">
            <title id="title">web01/eth0 to laptop in lab small</title>
            <desc id="desc">The hosts physical, with the VMs and hosts inside them. web01/eth0 -&gt; laptop: ONE_WAY. 1 ARP request, web01/eth0 -&gt; laptop: died at A. echo reply (not sent, tried), laptop -&gt; web01/eth0: would have arrived. A: FORGED_TRANSMIT at physical / vSwitch0 / Nested / nested-1.vmnic0: the source is not the effective MAC and forged transmits are rejected. forged transmits = Reject, default of vSwitch0, inherited by port group Nested.</desc>
            <rect class="paper" x="0" y="0" width="640" height="807" rx="10"/>
            <rect class="segment" x="20" y="79" width="600" height="52" rx="6"/>
            <rect class="host" x="20" y="157" width="492" height="437" rx="10"/>
            <rect class="vswitch" x="34" y="191" width="464" height="108" rx="6"/>
            <rect class="nested" x="42" y="345" width="448" height="235" rx="10"/>
            <rect class="vswitch" x="56" y="379" width="420" height="108" rx="6"/>
            <rect class="legend" x="20" y="612" width="600" height="175" rx="6"/>
            <path class="cable" d="M205 65L205 79L205 115"/>
            <path class="cable" d="M265 503L265 487L265 420"/>
            <path class="cable" d="M291 335L291 379L291 420"/>
            <path class="cable" d="M265 420L291 420"/>
            <path class="cable" d="M291 335L291 299L291 232"/>
            <path class="cable" d="M269 115L269 131L269 147L269 191L269 232"/>
            <path class="cable" d="M269 232L291 232"/>
            <path class="cable" d="M205 115L269 115"/>
            <path class="way asks" d="M261 503L261 416L287 416L287 310"/>
            <path class="tip asks" d="M292 319L287 310L282 319Z"/>
            <path class="way answers tried" d="M209 65L209 119L273 119L273 236L295 236L295 424L269 424L269 503"/>
            <path class="tip answers" d="M264 494L269 503L274 494Z"/>
            <path class="way asks" d="M34 645L82 645"/>
            <path class="tip asks" d="M73 650L82 645L73 640Z"/>
            <path class="way answers tried" d="M34 662L82 662"/>
            <path class="tip answers" d="M73 667L82 662L73 657Z"/>
            <rect class="segment-plate" x="24" y="81" width="117" height="20" rx="4"/>
            <rect class="client" x="151" y="20" width="108" height="45" rx="6"><title>station laptop, MAC address 02:29:de:fe:66:eb</title></rect>
            <rect class="vswitch-plate" x="36" y="193" width="193" height="24" rx="4"/>
            <rect class="group" x="42" y="247" width="448" height="44" rx="5"/>
            <rect class="note" x="160" y="271" width="63" height="18" rx="4"/>
            <rect class="vswitch-plate" x="58" y="381" width="193" height="24" rx="4"/>
            <rect class="group" x="64" y="435" width="404" height="44" rx="5"/>
            <rect class="note" x="182" y="459" width="63" height="18" rx="4"/>
            <rect class="client" x="211" y="513" width="108" height="53" rx="6"><title>VM web01, MAC address of eth0 00:50:56:32:75:a5</title></rect>
            <rect class="adapter" x="246" y="503" width="38" height="20" rx="4"><title>web01.eth0</title></rect>
            <rect class="adapter" x="265" y="335" width="53" height="20" rx="4"><title>nested-1/vmnic0, MAC address 00:50:56:10:74:00</title></rect>
            <rect class="flag" x="304" y="303" width="154" height="18" rx="4"><title>the source is not the effective MAC and forged transmits are rejected</title></rect>
            <rect class="adapter" x="243" y="147" width="53" height="20" rx="4"><title>physical/vmnic0, MAC address 02:f1:0f:e8:ce:79</title></rect>
            <text class="strong" x="34" y="96" font-size="13">office</text>
            <text class="dim" x="84" y="96" font-size="12">segment</text>
            <text class="strong" x="181" y="40" font-size="13">laptop</text>
            <text class="dim" x="161" y="56" font-size="12">192.168.10.50</text>
            <text class="strong" x="34" y="181" font-size="13">physical</text>
            <text class="dim" x="103" y="181" font-size="12">host</text>
            <text class="strong" x="44" y="210" font-size="13">vSwitch0</text>
            <text class="strong" x="52" y="265" font-size="13">Nested</text>
            <text x="165" y="284" font-size="11">untagged</text>
            <text class="strong" x="56" y="369" font-size="13">nested-1</text>
            <text class="dim" x="129" y="369" font-size="12">host in a VM</text>
            <text class="strong" x="66" y="398" font-size="13">vSwitch0</text>
            <text class="strong" x="74" y="453" font-size="13">VM Network</text>
            <text x="187" y="472" font-size="11">untagged</text>
            <text class="strong" x="240" y="540" font-size="13">web01</text>
            <text class="dim" x="221" y="555" font-size="12">192.168.10.31</text>
            <text x="252" y="517" font-size="11">eth0</text>
            <text x="271" y="349" font-size="11">vmnic0</text>
            <text class="dead" x="308" y="316" font-size="12">A FORGED_TRANSMIT</text>
            <text x="249" y="161" font-size="11">vmnic0</text>
            <text class="strong" x="34" y="632" font-size="13">web01/eth0 -&gt; laptop: ONE_WAY</text>
            <text x="96" y="649" font-size="12">1 ARP request, web01/eth0 -&gt; laptop: died at A</text>
            <text x="96" y="666" font-size="12">echo reply (not sent, tried), laptop -&gt; web01/eth0: would have arrived</text>
            <text class="dead" x="96" y="688" font-size="12">FORGED_TRANSMIT</text>
            <text x="236" y="688" font-size="12">at physical / vSwitch0 / Nested / nested-1.vmnic0</text>
            <text class="dim" x="96" y="705" font-size="12">the source is not the effective MAC and forged transmits are rejected</text>
            <text class="dim" x="96" y="722" font-size="12">forged transmits = Reject, default of vSwitch0, inherited by port group Nested</text>
            <text x="71" y="745" font-size="12">promiscuous mode</text>
            <text x="239" y="745" font-size="12">MAC address changes</text>
            <text x="425" y="745" font-size="12">forged transmits</text>
            <text x="71" y="769" font-size="12">Reject</text>
            <text x="162" y="769" font-size="12">Accept</text>
            <text x="257" y="769" font-size="12">set here</text>
            <text x="360" y="769" font-size="12">inherited or default</text>
            <g><title>promiscuous mode = Reject, default of vSwitch0</title><rect class="badge reject inherited" x="121" y="196" width="32" height="18" rx="4"/>
            <text class="strong" x="126" y="209" font-size="11">P</text>
            <path class="value reject" d="M141 202L147 208M147 202L141 208"/>
            </g>
            <g><title>MAC address changes = Reject, default of vSwitch0</title><rect class="badge reject inherited" x="157" y="196" width="32" height="18" rx="4"/>
            <text class="strong" x="162" y="209" font-size="11">M</text>
            <path class="value reject" d="M177 202L183 208M183 202L177 208"/>
            </g>
            <g><title>forged transmits = Reject, default of vSwitch0</title><rect class="badge reject inherited" x="193" y="196" width="32" height="18" rx="4"/>
            <text class="strong" x="198" y="209" font-size="11">F</text>
            <path class="value reject" d="M213 202L219 208M219 202L213 208"/>
            </g>
            <g><title>promiscuous mode = Accept, set on port group Nested</title><rect class="badge accept" x="52" y="271" width="32" height="18" rx="4"/>
            <text class="strong" x="57" y="284" font-size="11">P</text>
            <path class="value accept" d="M71 280L74 284L80 276"/>
            </g>
            <g><title>MAC address changes = Reject, default of vSwitch0, inherited by port group Nested</title><rect class="badge reject inherited" x="88" y="271" width="32" height="18" rx="4"/>
            <text class="strong" x="93" y="284" font-size="11">M</text>
            <path class="value reject" d="M108 277L114 283M114 277L108 283"/>
            </g>
            <g><title>forged transmits = Reject, default of vSwitch0, inherited by port group Nested</title><rect class="badge reject inherited decided" x="124" y="271" width="32" height="18" rx="4"/>
            <text class="strong" x="129" y="284" font-size="11">F</text>
            <path class="value reject" d="M144 277L150 283M150 277L144 283"/>
            </g>
            <g><title>promiscuous mode = Reject, default of vSwitch0</title><rect class="badge reject inherited" x="143" y="384" width="32" height="18" rx="4"/>
            <text class="strong" x="148" y="397" font-size="11">P</text>
            <path class="value reject" d="M163 390L169 396M169 390L163 396"/>
            </g>
            <g><title>MAC address changes = Reject, default of vSwitch0</title><rect class="badge reject inherited" x="179" y="384" width="32" height="18" rx="4"/>
            <text class="strong" x="184" y="397" font-size="11">M</text>
            <path class="value reject" d="M199 390L205 396M205 390L199 396"/>
            </g>
            <g><title>forged transmits = Reject, default of vSwitch0</title><rect class="badge reject inherited" x="215" y="384" width="32" height="18" rx="4"/>
            <text class="strong" x="220" y="397" font-size="11">F</text>
            <path class="value reject" d="M235 390L241 396M241 390L235 396"/>
            </g>
            <g><title>promiscuous mode = Reject, default of vSwitch0, inherited by port group VM Network</title><rect class="badge reject inherited" x="74" y="459" width="32" height="18" rx="4"/>
            <text class="strong" x="79" y="472" font-size="11">P</text>
            <path class="value reject" d="M94 465L100 471M100 465L94 471"/>
            </g>
            <g><title>MAC address changes = Reject, default of vSwitch0, inherited by port group VM Network</title><rect class="badge reject inherited" x="110" y="459" width="32" height="18" rx="4"/>
            <text class="strong" x="115" y="472" font-size="11">M</text>
            <path class="value reject" d="M130 465L136 471M136 465L130 471"/>
            </g>
            <g><title>forged transmits = Reject, default of vSwitch0, inherited by port group VM Network</title><rect class="badge reject inherited" x="146" y="459" width="32" height="18" rx="4"/>
            <text class="strong" x="151" y="472" font-size="11">F</text>
            <path class="value reject" d="M166 465L172 471M172 465L166 471"/>
            </g>
            <g><title>promiscuous mode</title><rect class="badge reject" x="34" y="732" width="32" height="18" rx="4"/>
            <text class="strong" x="39" y="745" font-size="11">P</text>
            <path class="value reject" d="M54 738L60 744M60 738L54 744"/>
            </g>
            <g><title>MAC address changes</title><rect class="badge reject" x="202" y="732" width="32" height="18" rx="4"/>
            <text class="strong" x="207" y="745" font-size="11">M</text>
            <path class="value reject" d="M222 738L228 744M228 738L222 744"/>
            </g>
            <g><title>forged transmits</title><rect class="badge reject" x="388" y="732" width="32" height="18" rx="4"/>
            <text class="strong" x="393" y="745" font-size="11">F</text>
            <path class="value reject" d="M408 738L414 744M414 738L408 744"/>
            </g>
            <g><title>Reject</title><rect class="badge reject" x="34" y="756" width="32" height="18" rx="4"/>
            <path class="value reject" d="M46 762L52 768M52 762L46 768"/>
            </g>
            <g><title>Accept</title><rect class="badge accept" x="125" y="756" width="32" height="18" rx="4"/>
            <path class="value accept" d="M136 765L139 769L145 761"/>
            </g>
            <g><title>set here</title><rect class="badge reject" x="220" y="756" width="32" height="18" rx="4"/>
            <path class="value reject" d="M232 762L238 768M238 762L232 768"/>
            </g>
            <g><title>inherited or default</title><rect class="badge reject inherited" x="323" y="756" width="32" height="18" rx="4"/>
            <path class="value reject" d="M335 762L341 768M341 762L335 768"/>
            </g>
            <circle class="sign death" cx="291" cy="299" r="10"/>
            <path class="cross" d="M282 290L300 308M300 290L282 308"/>
            <circle class="sign hub" cx="291" cy="299" r="8"/>
            <text class="sign-letter" x="291" y="303" font-size="11" text-anchor="middle">A</text>
            <circle class="sign death" cx="68" cy="684" r="10"/>
            <path class="cross" d="M59 675L77 693M77 675L59 693"/>
            <circle class="sign hub" cx="68" cy="684" r="8"/>
            <text class="sign-letter" x="68" y="688" font-size="11" text-anchor="middle">A</text>
            </svg>
        "#]],
    );
}

// Names come from a file that somebody else may have written.
#[test]
fn names_that_are_markup_are_escaped_everywhere() {
    let graph = graph(&lab_of(CROWDED), Some(("web01", "laptop")));
    let svg = svg(&graph);
    assert!(svg.contains("Nested &amp; &lt;b&gt;&quot;trunk&quot;"));
    assert!(!svg.contains("<b>"));
    let dot = dot(&graph);
    assert!(dot.contains(r#"Nested & <b>\"trunk\""#));
    let mermaid = mermaid(&graph);
    assert!(mermaid.contains("Nested #38; #60;b#62;#34;trunk#34;"));
}

#[test]
fn who_takes_part_is_drawn_though_others_are_left_out() {
    let lab = lab_of(CROWDED);
    let label = |text: &str, graph| svg(&graph).contains(&format!(">{text}</text>"));
    assert!(!label("192.168.10.107", graph(&lab, None)));
    assert!(label("and 2 more:", graph(&lab, None)));
    assert!(label("192.168.10.107", graph(&lab, Some(("a7", "laptop")))));
}

#[test]
fn the_settings_that_decided_are_marked() {
    let text = svg(&graph(&lab_of(&example("nested.yaml")), Some(("web01", "laptop"))));
    let decided: Vec<&str> = text.lines().filter(|line| line.contains(" decided")).collect();
    let titles: Vec<&str> = decided
        .iter()
        .filter_map(|line| Some(line.split_once("<title>")?.1.split_once("</title>")?.0))
        .collect();
    expect![[r#"
        [
            "promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested",
            "forged transmits = Reject, set on vSwitch0, inherited by port group Nested",
        ]
    "#]]
    .assert_debug_eq(&titles);
}
