//! Words from which names are made. They are ordinary words of place and road names; none is
//! meant to be a real place or a real person.

/// Roots of road families (`桐荫路`, `桐荫东街`, `桐荫一巷`).
pub const ROAD_ROOTS: &[&str] = &[
    "桐荫", "柳荫", "竹溪", "杏坛", "桃蹊", "梨园", "槐荫", "银杏", "玉兰", "海棠", "丹桂", "蓉华",
    "木樨", "香樟", "翠柏", "松涛", "兰馨", "荷塘", "菱湖", "芦荻", "稻香", "桑园", "茶店", "橘井",
    "榕荫", "梧桐", "紫藤", "蔷薇", "茉莉", "山茶", "双槐", "三洞", "四方", "五福", "六合", "七里",
    "八角", "九如", "百花", "千禧", "万福", "安顺", "永康", "永兴", "长乐", "长庆", "太平", "和顺",
    "和美", "同德", "同心", "同善", "崇德", "尚义", "明德", "弘文", "崇文", "育才", "学府", "书院",
    "墨池", "笔架", "新华", "新建", "建新", "建材", "跃进", "红光", "朝阳", "东光", "曙光", "星辉",
    "晨晖", "机车", "电机", "纺织", "仪表", "量具", "锦绣", "锦屏", "锦江", "望江", "听涛", "观澜",
    "临溪", "沙溪", "白鹭", "黄鹂", "青鸟", "石桥", "木桥", "高桥", "平桥", "回澜", "龙潭", "凤鸣",
    "麒麟", "金牛", "玉龙", "云龙", "双龙", "天祥", "天和", "瑞祥", "瑞丰", "福禄", "祥和", "吉庆",
    "康宁", "惠民", "利民", "为民", "民兴", "民乐", "培根", "启明", "启智", "致和", "致远", "文昌",
    "文德", "武胜", "青羊", "羊市", "马鞍", "牛市", "猪市", "米市", "盐市", "布后", "灯笼", "瓦窑",
    "砖厂", "水碾", "油坊", "染坊", "堰塘", "沟头", "坝子", "土桥", "草市", "东林", "西林", "北林",
    "南林", "中和", "中兴", "大同", "大悦", "小关", "小桥", "新林", "新园", "秀水", "秀川", "映月",
];

/// Words in front of the name of a residential compound.
pub const COMPOUND_FIRST: &[&str] = &[
    "锦", "蓉", "翠", "华", "金", "御", "龙", "凤", "东", "嘉", "瑞", "祥", "康", "和", "丽", "雅",
    "恒", "悦", "云", "星", "天", "枫", "桂", "兰", "竹", "梅", "水", "江", "溪", "阳",
];

/// Second words of the name of a residential compound.
pub const COMPOUND_SECOND: &[&str] = &[
    "都", "城", "景", "府", "湖", "园", "苑", "庭", "岸", "郡", "岭", "谷", "洲", "堤", "桥", "林",
    "泽", "韵", "馨", "怡",
];

/// Endings of newer compounds.
pub const NEW_COMPOUND_ENDS: &[&str] = &[
    "花园", "国际", "名都", "雅居", "公馆", "华庭", "豪庭", "尚城", "悦府", "天玺", "学府", "时代",
];

/// Endings of compounds built by a work unit before the 1990s.
pub const OLD_COMPOUND_ENDS: &[&str] = &["小区", "院落", "新村", "苑", "家属院", "宿舍"];

/// Work units of the old eastern suburbs whose families live in the compounds.
pub const WORK_UNITS: &[&str] = &[
    "电子器材厂",
    "无缝管厂",
    "机车车辆厂",
    "量具刃具厂",
    "棉纺厂",
    "木材厂",
    "玻璃厂",
    "仪表厂",
    "轴承厂",
    "铁路局",
    "水利设计院",
    "勘测队",
    "二建公司",
    "公交公司",
    "粮食局",
    "邮电局",
    "热电厂",
    "印刷厂",
];

/// Factories and depots that still work.
pub const FACTORIES: &[&str] = &[
    "精密轴承厂",
    "电子器件厂",
    "印务中心",
    "食品加工厂",
    "物流仓储中心",
    "汽车维修基地",
    "建材仓库",
    "纺织机械厂",
    "冷链配送中心",
    "公交停车场",
    "供电公司检修基地",
    "环卫作业基地",
];

/// Shops along the streets with their OpenMapTiles class and subclass.
pub const SHOPS: &[(&str, &str, &str)] = &[
    ("红旗连锁", "shop", "supermarket"),
    ("便民超市", "shop", "convenience"),
    ("舞东风超市", "shop", "convenience"),
    ("蜀香火锅", "restaurant", "restaurant"),
    ("老灶火锅", "restaurant", "restaurant"),
    ("钵钵鸡", "restaurant", "restaurant"),
    ("甜水面馆", "restaurant", "restaurant"),
    ("豆花饭店", "restaurant", "restaurant"),
    ("串串香", "restaurant", "restaurant"),
    ("冒菜馆", "restaurant", "restaurant"),
    ("肥肠粉", "fast_food", "fast_food"),
    ("盖碗茶铺", "cafe", "cafe"),
    ("坝坝茶社", "cafe", "cafe"),
    ("大药房", "pharmacy", "pharmacy"),
    ("口腔诊所", "dentist", "dentist"),
    ("理发店", "shop", "hairdresser"),
    ("水果店", "shop", "greengrocer"),
    ("电瓶车行", "shop", "bicycle"),
    ("五金建材", "shop", "doityourself"),
    ("农商银行", "bank", "bank"),
    ("工商银行", "bank", "bank"),
    ("邮政储蓄", "bank", "bank"),
    ("快递驿站", "post", "post_office"),
    ("麻将馆", "shop", "leisure"),
    ("文具店", "shop", "stationery"),
    ("烘焙坊", "bakery", "bakery"),
];

/// Surnames, the common ones of Sichuan first, with their weight.
pub const SURNAMES: &[(&str, f64)] = &[
    ("李", 8.2),
    ("王", 7.4),
    ("张", 7.0),
    ("刘", 6.4),
    ("陈", 5.6),
    ("杨", 4.4),
    ("周", 3.1),
    ("黄", 2.9),
    ("罗", 2.5),
    ("唐", 1.8),
    ("邓", 1.7),
    ("何", 1.9),
    ("吴", 1.9),
    ("赵", 2.0),
    ("曾", 1.5),
    ("谢", 1.4),
    ("徐", 1.5),
    ("廖", 1.2),
    ("蒋", 1.3),
    ("胡", 1.5),
    ("朱", 1.2),
    ("冯", 1.0),
    ("付", 0.9),
    ("龙", 0.8),
    ("肖", 1.0),
    ("曹", 0.8),
    ("彭", 1.0),
    ("程", 0.7),
    ("袁", 0.8),
    ("魏", 0.7),
    ("郑", 0.8),
    ("叶", 0.6),
    ("宋", 0.8),
    ("蒲", 0.4),
    ("文", 0.5),
    ("税", 0.1),
    ("母", 0.1),
    ("苟", 0.2),
    ("敬", 0.1),
    ("游", 0.3),
    ("夏", 0.5),
    ("钟", 0.7),
    ("范", 0.5),
    ("田", 0.5),
    ("任", 0.5),
    ("余", 0.9),
    ("江", 0.5),
    ("高", 0.7),
];

/// Given-name characters for men.
pub const GIVEN_MALE: &[&str] = &[
    "伟", "强", "军", "勇", "涛", "超", "明", "刚", "平", "辉", "鹏", "华", "飞", "鑫", "波", "斌",
    "宇", "浩", "凯", "健", "俊", "帆", "帅", "旭", "宁", "龙", "林", "阳", "建国", "建军", "志强",
    "志刚", "国庆", "文斌", "云飞", "小龙", "永康", "德明", "光荣", "家豪", "子轩", "浩然", "宇航",
    "嘉伟", "思源", "成刚", "学文", "世杰", "代全", "仕林", "兴贵", "开元", "天佑", "清泉", "俊杰",
    "文武", "长青", "东升", "泽宇",
];

/// Given-name characters for women.
pub const GIVEN_FEMALE: &[&str] = &[
    "芳", "娜", "敏", "静", "丽", "艳", "娟", "霞", "燕", "玲", "桂英", "秀英", "玉兰", "琼", "蓉",
    "莉", "红", "梅", "雪", "倩", "婷", "丹", "萍", "英", "慧", "洁", "颖", "琳", "佳", "小蓉",
    "晓燕", "春梅", "秀芳", "雪梅", "丽华", "玉华", "明英", "淑芬", "素芳", "碧华", "晓琴", "雨婷",
    "思雨", "欣怡", "梦洁", "佳慧", "诗涵", "雅琴", "利群", "正秀", "清蓉", "国芳", "冬梅", "晓红",
    "美玲", "红梅", "秋菊",
];

/// Chinese numerals up to twenty, for lanes and road parts.
pub fn numeral(n: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match n {
        0 => "零".to_owned(),
        1..=9 => DIGITS[n].to_owned(),
        10..=19 => format!("十{}", DIGITS[n - 10]),
        20..=99 => format!("{}十{}", DIGITS[n / 10], DIGITS[n % 10]),
        _ => n.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn road_roots_are_unique() {
        let mut sorted = ROAD_ROOTS.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), ROAD_ROOTS.len());
    }

    #[test]
    fn numerals() {
        assert_eq!(
            [1, 10, 12, 20, 21].map(numeral),
            ["一", "十", "十二", "二十", "二十一"]
        );
    }
}
