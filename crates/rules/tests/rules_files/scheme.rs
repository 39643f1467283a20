//! The categories of the national scheme that one city has in service: each is shipped under its
//! code and name, none is missing and none is invented.

use domain::rules::CategoryKind;

/// Events and components by major, written like the scheme's own lists.
const EXCERPT: [(&str, &str, &str); 11] = [
    (
        "E01",
        "市容环境",
        "01私搭乱建 02无证装修 03违章接坡 04外立面不洁 05阳台屋顶脏乱 06挂彩旗 07沿街晾挂 08擅架管线 \
         10暴露垃圾 11积存渣土 12道路不洁 13道路破损 14道路遗撒 17绿地脏乱 18绿化弃料 19非装饰性吊挂 \
         20焚烧垃圾 21病虫害 22非法伐树 25水域不洁 26河道污染 28商业噪音 29露天烧烤 30乱排污水 \
         31餐厨遗撒 32非正规填埋 33医疗废物 35废弃家具 36乱堆物料 37动物尸体 38饲养禽畜",
    ),
    (
        "E02",
        "宣传广告",
        "01小广告 02散发广告 03违规户外广告 04文字不规范 05位置不合理 06违规牌匾 07违规标语",
    ),
    (
        "E03",
        "施工管理",
        "01扰民 02占道 03无证掘路 04扬尘 05废弃料 06物料乱堆 07围挡 08未硬化 09出入口破损 \
         10未场光地净 11渣土车未密闭 12车轮夹带",
    ),
    (
        "E04",
        "街面秩序",
        "01无照游商 02早夜市 04占道废品收购 05店外经营 06占道经营 10非机动车乱停",
    ),
    (
        "E05",
        "突发事件",
        "01供水管破裂 02燃气 03排水 04热力 05路面塌陷 06积水 07积雪冰 08线缆脱落",
    ),
    ("E06", "其他", "02临街屠宰 04门前四包"),
    (
        "C01",
        "公用设施",
        "01上水井盖 02污水井盖 03雨水井盖 04雨水箅子 06路灯井盖 10热力井盖 11燃气井盖 14园林井盖 \
         18化粪池井盖 23不明井盖 27通讯交接箱 28电力设施 30电力立杆 31通信立杆 37路灯 38地灯 \
         46健身设施 49燃气调压站 50电子眼 54充电桩",
    ),
    (
        "C02",
        "交通设施",
        "01停车场 04公交站亭 06天桥 07地下通道 11限高架 12路名牌 17护栏 25非机动车停放点",
    ),
    (
        "C03",
        "市容环境",
        "01公厕 04垃圾中转站 05垃圾箱 06户外广告 07牌匾 08宣传栏",
    ),
    (
        "C04",
        "园林绿化",
        "01古树名木 02行道树 06雕塑 07座椅 08绿地护栏",
    ),
    (
        "C05",
        "其他",
        "03加油站 04液化气站 06水域附属 07水域护栏 08防汛墙",
    ),
];

/// The majors that the street adds, in the range 79–99 that the scheme leaves to it.
const OWN_MAJORS: [(&str, &str); 6] = [
    ("E80", "热线诉求"),
    ("E81", "矛盾纠纷"),
    ("E82", "安全隐患"),
    ("E83", "治安"),
    ("E84", "人群聚集"),
    ("E85", "防汛"),
];

#[test]
fn the_shipped_categories_are_the_excerpt_and_nothing_else() {
    let mut listed: Vec<(String, &str, &str)> = EXCERPT
        .iter()
        .flat_map(|(major, major_name, minors)| {
            minors.split_whitespace().map(move |minor| {
                let (code, name) = minor.split_at(2);
                (format!("{major}.{code}"), *major_name, name)
            })
        })
        .collect();
    let rules = rules::shipped().expect("shipped rules");
    let mut shipped: Vec<(String, &str, &str)> = rules
        .categories
        .iter()
        .filter(|rule| rule.code.major < 79)
        .map(|rule| {
            let code = rule.code.to_string();
            (code, rule.major_name.as_str(), rule.name.as_str())
        })
        .collect();
    listed.sort();
    shipped.sort();
    assert_eq!(shipped, listed);
}

#[test]
fn the_street_adds_its_own_majors_in_the_range_left_to_it() {
    let rules = rules::shipped().expect("shipped rules");
    let mut own: Vec<(String, &str)> = rules
        .categories
        .iter()
        .filter(|rule| rule.code.major >= 79)
        .map(|rule| {
            assert_eq!(rule.code.kind, CategoryKind::Event, "{}", rule.code);
            (rule.code.major_code().to_string(), rule.major_name.as_str())
        })
        .collect();
    own.dedup();
    let expected = OWN_MAJORS.map(|(code, name)| (code.to_owned(), name));
    assert_eq!(own, expected);
}
