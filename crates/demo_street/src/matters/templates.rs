//! What happens in a street: kinds of matters with their wording, places, channels and hours.
//!
//! `{road}` is a road, `{place}` a named place, `{n}`, `{m}` small numbers, `{id}` a component id.

use domain::trail::SourceChannel;
use domain::trail::SourceChannel::{
    AiCamera, CitizenSnapshot, CityCollector, DutyPhone, GridPatrol, Hotline12345, IotSensor,
    PoliceTransfer, PropertyCompany, SocialMedia, VolunteerReport,
};

/// Where a kind of matter happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// On a street with shops.
    ShopStreet,
    /// On any public road.
    Road,
    /// At or in a residential compound.
    Compound,
    /// In an old compound.
    OldCompound,
    /// On the river.
    River,
    /// At a market.
    Market,
    /// At a school gate.
    School,
    /// At a building site.
    Works,
    /// In a park.
    Park,
    /// At a shopping centre or a metro station.
    Crowd,
    /// At a managed component of the given category.
    Component,
}

/// When it happens: the share of each hour is taken from one of these shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// Working hours.
    Day,
    /// Early morning and late afternoon, when the stalls are out.
    Stalls,
    /// Evening.
    Evening,
    /// Night.
    Night,
    /// Going to school and coming back.
    School,
    /// Any time, a little less at night.
    Always,
}

impl Hours {
    /// How much more often than on average it happens in a local hour.
    pub fn weight(self, hour: u8) -> f64 {
        match self {
            Self::Day => f64::from(u8::from((7..19).contains(&hour))) * 1.6 + 0.1,
            Self::Stalls => match hour {
                6..=9 => 2.4,
                16..=20 => 2.0,
                10..=15 => 0.7,
                _ => 0.1,
            },
            Self::Evening => match hour {
                18..=22 => 3.4,
                23 | 12 | 13 => 1.0,
                _ => 0.15,
            },
            Self::Night => match hour {
                21..=23 | 0..=5 => 2.6,
                _ => 0.2,
            },
            Self::School => match hour {
                7 | 8 | 16 | 17 => 5.0,
                _ => 0.1,
            },
            Self::Always => match hour {
                0..=5 => 0.5,
                _ => 1.1,
            },
        }
    }
}

/// A kind of matter.
pub struct Template {
    /// Category code of the rules.
    pub category: &'static str,
    /// How often it happens.
    pub weight: f64,
    /// Where.
    pub site: Site,
    /// When.
    pub hours: Hours,
    /// Through which channels it is reported, the usual ones more than once.
    pub channels: &'static [SourceChannel],
    /// One line.
    pub title: &'static str,
    /// Full sentences; one is chosen.
    pub texts: &'static [&'static str],
    /// What the responder reports when it is done.
    pub result: &'static str,
    /// Median minutes of handling on the spot.
    pub handling_min: f64,
}

const fn template(
    (category, weight): (&'static str, f64),
    site: Site,
    hours: Hours,
    channels: &'static [SourceChannel],
    title: &'static str,
    texts: &'static [&'static str],
    (result, handling_min): (&'static str, f64),
) -> Template {
    Template {
        category,
        weight,
        site,
        hours,
        channels,
        title,
        texts,
        result,
        handling_min,
    }
}

const PATROL: &[SourceChannel] = &[
    GridPatrol,
    GridPatrol,
    CityCollector,
    CityCollector,
    AiCamera,
];
const STREET: &[SourceChannel] = &[
    GridPatrol,
    AiCamera,
    CityCollector,
    Hotline12345,
    CitizenSnapshot,
];
const PEOPLE: &[SourceChannel] = &[
    Hotline12345,
    Hotline12345,
    CitizenSnapshot,
    SocialMedia,
    DutyPhone,
];
const HOUSE: &[SourceChannel] = &[Hotline12345, PropertyCompany, GridPatrol, DutyPhone];
const POLICE: &[SourceChannel] = &[PoliceTransfer, PoliceTransfer, Hotline12345];
const SENSOR: &[SourceChannel] = &[IotSensor, IotSensor, GridPatrol, CitizenSnapshot];
const SAFETY: &[SourceChannel] = &[GridPatrol, VolunteerReport, PropertyCompany, AiCamera];

/// All kinds.
// One kind is one paragraph; broken at every comma the list could not be read as a list.
#[rustfmt::skip]
pub const TEMPLATES: &[Template] = &[
    template(("E01.10", 9.0), Site::OldCompound, Hours::Always, STREET, "{place}外垃圾堆放无人清运",
        &["{place}围墙外堆放生活垃圾约{n}处，有异味，影响行人通行。", "{place}大门旁垃圾桶满溢，袋装垃圾堆在人行道上，已有{n}小时未清运。"],
        ("已联系环卫清运，地面冲洗干净。", 25.0)),
    template(("E01.12", 6.0), Site::Road, Hours::Day, STREET, "{road}路面不洁",
        &["{road}非机动车道有泥土和落叶约{m}米，骑行易打滑。", "{road}人行道大面积污渍，疑似餐饮油污。"],
        ("已安排洗扫车和人工清扫，现场恢复干净。", 20.0)),
    template(("E01.31", 2.5), Site::ShopStreet, Hours::Evening, PATROL, "{place}餐厨垃圾遗撒",
        &["{place}门前餐厨垃圾桶倾倒，油水流到盲道上。"], ("商家已清洗地面并更换收集桶。", 20.0)),
    template(("E01.13", 3.0), Site::Road, Hours::Day, PEOPLE, "{road}路面破损",
        &["{road}机动车道有坑洞，约{n}0厘米宽，夜间有电瓶车摔倒。", "{road}人行道地砖松动缺失{n}块，下雨溅水。"],
        ("已设警示桩，完成临时修补，计划整段修复。", 95.0)),
    template(("E01.14", 1.5), Site::Road, Hours::Night, STREET, "{road}渣土遗撒",
        &["{road}有渣土车遗撒，长约{m}米，影响夜间通行。"], ("遗撒渣土已清理，车辆信息移交执法中队。", 45.0)),
    template(("E01.07", 2.0), Site::OldCompound, Hours::Day, PATROL, "{place}沿街晾挂",
        &["{place}临街一侧拉绳晾晒被褥，影响市容。"], ("已劝导居民收回，并引导使用公共晾晒区。", 12.0)),
    template(("E01.17", 1.8), Site::Park, Hours::Day, PATROL, "{place}绿地脏乱",
        &["{place}草坪上有塑料袋、烟头等垃圾，长椅旁尤其明显。"], ("绿地已清理，加派一次巡扫。", 25.0)),
    template(("E01.25", 2.0), Site::River, Hours::Day, STREET, "锦川河水面漂浮物",
        &["锦川河{road}段水面有漂浮物约{n}平方米，主要为枝叶和塑料瓶。"], ("河道保洁已打捞完毕。", 40.0)),
    template(("E01.26", 0.5), Site::River, Hours::Always, SENSOR, "锦川河排口疑似污水",
        &["锦川河{road}段雨水排口有灰白色水流出，有异味，疑似生活污水混接。"], ("已取样并临时封堵，溯源到上游混接点，移交水务整改。", 120.0)),
    template(("E01.28", 2.0), Site::Crowd, Hours::Evening, PEOPLE, "{place}商业噪音扰民",
        &["{place}商家用大功率音箱揽客，居民无法休息。"], ("已要求商家关闭外置音箱，现场降噪达标。", 20.0)),
    template(("E01.29", 2.2), Site::ShopStreet, Hours::Evening, PEOPLE, "{place}露天烧烤油烟",
        &["{place}门口露天烧烤，油烟飘进楼上住户，已多次反映。"], ("烧烤摊已撤入店内，净化设备正常开启。", 25.0)),
    template(("E01.35", 1.6), Site::OldCompound, Hours::Day, HOUSE, "{place}废弃家具堆放",
        &["{place}{n}栋楼下堆放旧沙发、床垫，占用消防通道一侧。"], ("大件垃圾已预约清运，通道恢复。", 35.0)),
    template(("E01.36", 1.5), Site::Road, Hours::Day, PATROL, "{road}乱堆物料",
        &["{road}人行道堆放装修沙石约{n}方，行人需绕行机动车道。"], ("物料已清走，责任人已书面告知。", 40.0)),
    template(("E01.01", 0.7), Site::OldCompound, Hours::Day, PEOPLE, "{place}疑似私搭乱建",
        &["{place}{n}栋顶楼有人在楼顶搭建彩钢棚，正在施工。"], ("已责令停工，测量取证，转执法立案。", 90.0)),
    template(("E02.01", 4.0), Site::ShopStreet, Hours::Day, PATROL, "{road}小广告张贴",
        &["{road}电杆、公交站亭上新增小广告{n}处。"], ("小广告已清除，号码上报停机。", 15.0)),
    template(("E02.06", 1.2), Site::ShopStreet, Hours::Day, PATROL, "{place}违规设置牌匾",
        &["{place}超出规定尺寸设置门头牌匾，遮挡路名牌。"], ("已下达整改通知，商家承诺三日内更换。", 20.0)),
    template(("E03.01", 2.4), Site::Works, Hours::Night, PEOPLE, "{place}夜间施工扰民",
        &["{place}夜间{n}时后仍在浇筑混凝土，周边居民多人投诉。", "{place}凌晨有大型机械作业，噪音很大。"], ("现场核查无夜间施工证，已责令停工。", 35.0)),
    template(("E03.04", 1.8), Site::Works, Hours::Day, SENSOR, "{place}扬尘超标",
        &["{place}出入口扬尘监测PM10连续{n}0分钟超标，裸土未覆盖。"], ("已开启喷淋并补盖防尘网，读数回落。", 40.0)),
    template(("E03.11", 1.2), Site::Works, Hours::Night, &[AiCamera, AiCamera, GridPatrol], "{place}渣土车未密闭",
        &["{place}出口抓拍到渣土车厢盖未闭合上路。"], ("车辆已拦停整改，证据移交执法中队。", 30.0)),
    template(("E04.01", 8.0), Site::ShopStreet, Hours::Stalls, STREET, "{road}流动商贩占道",
        &["{road}{place}附近有流动摊贩{n}个，占用人行道，造成拥堵。", "{road}公交站旁有三轮车卖水果，乘客只能站到车道上。"],
        ("商贩已劝离至临时疏导点，现场恢复畅通。", 15.0)),
    template(("E04.05", 4.5), Site::ShopStreet, Hours::Stalls, STREET, "{place}店外经营",
        &["{place}把货架摆到店外约{n}米，占用盲道。"], ("商家已将货品收回店内。", 12.0)),
    template(("E04.06", 3.0), Site::Market, Hours::Stalls, STREET, "{place}周边占道经营",
        &["{place}外围摊位越线，早高峰车辆难以通行。"], ("已督促摊位归位，安排专人值守。", 20.0)),
    template(("E04.10", 8.0), Site::Crowd, Hours::Always, STREET, "{place}共享单车乱停",
        &["{place}出入口共享单车乱停约{m}辆，堵住盲道和无障碍坡道。"], ("已通知运维企业清运，车辆摆放整齐。", 20.0)),
    template(("E04.10", 3.0), Site::School, Hours::School, PATROL, "{place}门口非机动车乱停",
        &["{place}门口接送车辆停满非机动车道，学生需绕行。"], ("已组织志愿者和交警疏导，秩序恢复。", 20.0)),
    template(("E05.01", 0.8), Site::Road, Hours::Always, PEOPLE, "{road}供水管破裂",
        &["{road}路面冒水，水柱高约{n}0厘米，疑似供水管破裂。"], ("已关阀止水，抢修完成恢复供水。", 100.0)),
    template(("E05.02", 0.35), Site::OldCompound, Hours::Always, &[DutyPhone, Hotline12345, PropertyCompany], "{place}疑似燃气泄漏",
        &["{place}{n}栋{m}单元居民闻到燃气味，已开窗并关闭阀门。"], ("燃气公司到场检测，更换软管，复测合格，解除警戒。", 60.0)),
    template(("E05.05", 0.25), Site::Road, Hours::Always, PEOPLE, "{road}路面塌陷",
        &["{road}慢车道出现塌陷，直径约{n}0厘米，深度不明，已有人用雪糕筒围挡。"], ("已封闭车道，市政回填并钢板覆盖，持续监测。", 150.0)),
    template(("E05.06", 0.8), Site::Road, Hours::Always, SENSOR, "{road}积水",
        &["{road}路口积水深约{n}厘米，雨水箅子被落叶堵塞。"], ("箅子清掏完毕，积水已退。", 35.0)),
    template(("E05.08", 1.0), Site::Road, Hours::Day, PEOPLE, "{road}线缆脱落",
        &["{road}一根通信线缆垂落到人行道上方约{n}米处，存在安全隐患。"], ("已设警戒，运营商到场重新固定。", 50.0)),
    template(("C01.02", 1.4), Site::Component, Hours::Day, STREET, "{road}污水井盖破损",
        &["{road}污水井盖（编号{id}）边框破损，车辆经过有响声。"], ("井盖及边框已更换。", 60.0)),
    template(("C01.03", 1.0), Site::Component, Hours::Always, STREET, "{road}雨水井盖缺失",
        &["{road}雨水井盖（编号{id}）缺失，周边居民已用树枝警示。"], ("已补装防坠网和井盖。", 45.0)),
    template(("C01.37", 3.0), Site::Component, Hours::Evening, PEOPLE, "{road}路灯不亮",
        &["{road}路灯（编号{id}）连续{n}晚不亮，出行不便。"], ("更换光源和触发器，路灯恢复照明。", 50.0)),
    template(("C02.17", 0.9), Site::Component, Hours::Day, STREET, "{road}护栏倒伏",
        &["{road}中央护栏（编号{id}）被车辆碰撞，倒伏{n}节。"], ("护栏已扶正固定，破损节更换。", 45.0)),
    template(("C03.05", 1.5), Site::Component, Hours::Day, PATROL, "{road}垃圾箱破损",
        &["{road}果皮箱（编号{id}）内胆丢失，垃圾散落。"], ("已更换内胆并清理周边。", 25.0)),
    template(("C04.02", 1.4), Site::Component, Hours::Day, STREET, "{road}行道树枝条折断",
        &["{road}行道树（编号{id}）枝条折断悬挂，有砸伤行人风险。"], ("断枝已修剪清运。", 40.0)),
    template(("E80.02", 3.0), Site::Compound, Hours::Always, PEOPLE, "{place}停水停电咨询",
        &["{place}{n}栋从今早起停水，物业未通知，居民要求尽快恢复。", "{place}{n}栋{m}单元跳闸停电，老人无法乘电梯。"],
        ("已协调抢修，供应恢复，向来电人反馈满意。", 60.0)),
    template(("E80.03", 5.5), Site::Compound, Hours::Day, &[Hotline12345, Hotline12345, Hotline12345, SocialMedia], "{place}居民反映停车难",
        &["{place}夜间车位不足，外来车辆占用，居民要求协调错时停车。", "{place}业主反映固定车位被长期占用，要求物业登记并公示。", "{place}居民咨询老旧小区增设停车位的申请流程。"],
        ("已现场走访并答复来电人，约定后续方案。", 60.0)),
    template(("E81.01", 3.0), Site::OldCompound, Hours::Evening, HOUSE, "{place}邻里噪音纠纷",
        &["{place}{n}栋住户反映楼上深夜拖动桌椅，双方发生争吵。", "{place}{n}栋一楼住户反映空调外机噪声大，双方对移位有争议。"],
        ("双方当面调解，达成一致意见。", 55.0)),
    template(("E81.02", 1.6), Site::Compound, Hours::Day, HOUSE, "{place}物业服务纠纷",
        &["{place}业主因公共收益公示问题与物业发生争执，约{m}人聚在门岗。"], ("街道与社区现场协调，约定公示时间。", 70.0)),
    template(("E82.01", 3.0), Site::OldCompound, Hours::Evening, SAFETY, "{place}消防通道被占",
        &["{place}消防通道停放私家车{n}辆，车主联系不上。"], ("车辆已挪移，重新施划禁停标线。", 25.0)),
    template(("E82.02", 4.0), Site::OldCompound, Hours::Evening, SAFETY, "{place}电动车飞线充电",
        &["{place}{n}栋{m}单元有人从窗口拉线给电动车充电。", "{place}楼道内停放并充电电动车{n}辆，堵塞逃生通道。"],
        ("已断电收线，引导至集中充电棚。", 18.0)),
    template(("E82.04", 0.9), Site::OldCompound, Hours::Day, HOUSE, "{place}外墙瓷砖脱落隐患",
        &["{place}{n}栋外墙瓷砖松动，地面已有碎块。"], ("已拉设警戒带，排危队拆除松动部分。", 80.0)),
    template(("E83.03", 2.2), Site::Compound, Hours::Night, POLICE, "{place}深夜噪音报警",
        &["{place}{n}栋有人深夜唱歌喧哗，多名居民报警。"], ("民警到场劝止，当事人配合。", 20.0)),
    template(("E83.02", 0.9), Site::Compound, Hours::Always, POLICE, "{place}电瓶车被盗",
        &["{place}车棚内一辆电瓶车被盗，车主已报警。"], ("已调取监控固定证据，立案侦查。", 60.0)),
    template(("E83.01", 0.6), Site::Crowd, Hours::Night, POLICE, "{place}有人争执推搡",
        &["{place}门口数人酒后争执推搡，围观约{m}人。"], ("双方已分开，当场调解并登记。", 35.0)),
    template(("E83.05", 0.7), Site::Crowd, Hours::Day, POLICE, "{place}老人走失求助",
        &["{place}附近一名约7{n}岁老人走失，身穿深色外套，家属求助。"], ("老人已找到，交由家属接回。", 70.0)),
    template(("E84.02", 0.4), Site::Crowd, Hours::Evening, &[AiCamera, PoliceTransfer], "{place}人流密集",
        &["{place}入口AI识别人流密度超过阈值，排队约{m}米。"], ("已增派力量分流，密度回落。", 45.0)),
    template(("E85.04", 0.8), Site::River, Hours::Always, SAFETY, "{road}排水口堵塞",
        &["{road}河堤排水口被树枝杂物堵塞。"], ("杂物已清除，排水通畅。", 35.0)),
];
