/**
 * What a county's offices deal with, as a made-up catalogue is grown from (catalogue.ts). Subjects are written
 * `Chinese=English~name in use`, between commas.
 */

export interface Office {
  /** Two digits within the codes of its items. */
  readonly code: string;
  readonly name: string;
  readonly window: string;
  /** Event of a life or of an enterprise, and who applies. */
  readonly event: string;
  readonly who: '个人' | '企业' | '个人；企业';
  /** Subjects by what can be done with them. */
  readonly licence?: string;
  readonly record?: string;
  readonly payment?: string;
}

export const PEOPLE: readonly Office[] = [
  {
    code: '09',
    name: '公安局/Public Security Bureau',
    window: '一楼 A1/Ground floor A1',
    event: '户籍身份/Household and identity',
    who: '个人',
    licence:
      '居民身份证=Resident ID card~身份证,居住证=Residence permit~暂住证,机动车驾驶证=Driving licence~驾照,机动车号牌=Number plate~车牌,普通护照=Passport~护照,往来港澳通行证=Hong Kong and Macao permit',
    record:
      '出生户口=Household entry of a newborn~上户口,户口迁移=Move of household registration~迁户口,养犬=Dog registration~狗证,机动车抵押=Vehicle mortgage,剧毒化学品购买=Purchase of toxic chemicals',
  },
  {
    code: '14',
    name: '人力资源和社会保障局/Human Resources and Social Security Bureau',
    window: '一楼 B2/Ground floor B2',
    event: '就业社保/Work and social insurance',
    who: '个人',
    record:
      '城乡居民基本养老保险=Basic pension insurance of residents~居民养老,企业职工基本养老保险=Pension insurance of employees~职工养老,失业保险=Unemployment insurance,工伤保险=Work injury insurance,社会保障卡=Social security card~社保卡,就业登记=Record of employment,人事档案=Personnel file~档案,专业技术资格=Professional qualification~职称',
    payment:
      '失业保险金=Unemployment benefit~失业金,职业技能提升补贴=Training subsidy~技能补贴,灵活就业社保补贴=Subsidy for the self-employed,一次性创业补贴=Start-up grant~创业补贴,丧葬补助金=Funeral grant,一次性伤残补助金=Disability grant',
  },
  {
    code: '15',
    name: '医疗保障局/Healthcare Security Bureau',
    window: '一楼 B3/Ground floor B3',
    event: '看病就医/Seeing a doctor',
    who: '个人',
    record:
      '城乡居民基本医疗保险=Medical insurance of residents~居民医保,职工基本医疗保险=Medical insurance of employees~职工医保,异地就医备案=Treatment elsewhere~异地就医,门诊慢特病病种=Chronic illness listing~慢病,生育保险待遇=Maternity benefits',
    payment: '医疗费用手工报销=Medical expenses~报销,医疗救助=Medical assistance,生育津贴=Maternity allowance,产前检查费=Antenatal care',
  },
  {
    code: '11',
    name: '民政局/Civil Affairs Bureau',
    window: '一楼 C1/Ground floor C1',
    event: '婚育养老/Marriage, family, old age',
    who: '个人',
    record:
      '内地居民结婚=Marriage~结婚,内地居民离婚=Divorce~离婚,收养=Adoption,慈善组织公开募捐=Public fund-raising,养老机构备案=Care home record,地名命名=Naming of places',
    payment:
      '最低生活保障金=Minimum living allowance~低保,特困人员救助=Aid for people in extreme need~五保,临时救助=Temporary relief,高龄津贴=Allowance for the very old~高龄补贴,残疾人生活补贴=Disability living allowance~残补,孤儿基本生活费=Orphan allowance,经济困难老年人服务补贴=Care subsidy for the elderly',
  },
  {
    code: '27',
    name: '卫生健康委员会/Health Commission',
    window: '一楼 C2/Ground floor C2',
    event: '婚育养老/Marriage, family, old age',
    who: '个人',
    licence:
      '医师执业证书=Physician’s licence,护士执业证书=Nurse’s licence,公共场所卫生许可证=Hygiene licence~卫生许可,放射诊疗许可证=Radiology licence,饮用水供水单位卫生许可证=Water supply hygiene licence,乡村医生执业证书=Village doctor’s licence',
    record: '生育登记=Birth registration~准生证,出生医学证明=Birth certificate~出生证,义诊备案=Free clinic record',
    payment: '计划生育家庭奖励扶助金=Family planning reward,独生子女父母奖励=One-child parents’ reward~独生子女费',
  },
  {
    code: '05',
    name: '教育局/Education Bureau',
    window: '二楼 D1/First floor D1',
    event: '入学升学/School',
    who: '个人',
    licence: '民办学校办学许可证=Private school licence,教师资格证=Teacher’s certificate~教师证,校车使用许可=School bus permit',
    record:
      '义务教育入学=School enrolment~报名上学,学生转学=Change of school~转学,休学复学=Leave and return,中考加分审核=Exam bonus,学历证书遗失证明=Lost diploma',
    payment: '家庭经济困难学生资助=Student aid~助学金,生源地助学贷款=Student loan~助学贷款,学前教育资助=Pre-school aid',
  },
  {
    code: '17',
    name: '住房和城乡建设局/Housing and Urban-Rural Development Bureau',
    window: '二楼 D2/First floor D2',
    event: '住房安居/A home',
    who: '个人；企业',
    licence:
      '建筑工程施工许可证=Building permit~施工证,商品房预售许可证=Pre-sale permit,建筑业企业资质=Contractor qualification,燃气经营许可证=Gas supply licence,房地产开发企业资质=Developer qualification',
    record:
      '公共租赁住房=Public rental housing~公租房,商品房买卖合同备案=Sales contract record~网签,住房租赁合同备案=Lease record~租房备案,住宅专项维修资金=Maintenance fund~维修基金,竣工验收备案=Completion record',
    payment: '住房租赁补贴=Rent subsidy,农村危房改造补助=Rural housing grant~危改,老旧住宅加装电梯补助=Lift grant',
  },
  {
    code: '18',
    name: '住房公积金管理部/Housing Provident Fund Office',
    window: '二楼 D3/First floor D3',
    event: '住房安居/A home',
    who: '个人',
    record:
      '住房公积金账户=Provident fund account~公积金,住房公积金贷款=Provident fund loan~公积金贷款,住房公积金异地转移=Transfer of fund,公积金对冲还贷=Loan offset',
    payment:
      '购房提取住房公积金=Withdrawal for a purchase~提取公积金,租房提取住房公积金=Withdrawal for rent,退休提取住房公积金=Withdrawal on retirement',
  },
  {
    code: '16',
    name: '自然资源和规划局/Natural Resources and Planning Bureau',
    window: '二楼 D4/First floor D4',
    event: '住房安居/A home',
    who: '个人；企业',
    licence:
      '建设用地规划许可证=Land use planning permit,建设工程规划许可证=Construction planning permit,乡村建设规划许可证=Rural construction permit~建房许可,采矿许可证=Mining licence,临时用地许可=Temporary land use',
    record:
      '国有建设用地使用权及房屋所有权登记=Real estate registration~房产证,不动产抵押权登记=Mortgage registration~抵押登记,宅基地使用权登记=Homestead registration~宅基地,不动产查封登记=Seizure,预告登记=Advance notice',
  },
  {
    code: '28',
    name: '退役军人事务局/Veterans Affairs Bureau',
    window: '二楼 E1/First floor E1',
    event: '退役军人/Veterans',
    who: '个人',
    record: '退役军人优待证=Veteran’s card~优待证,退役报到=Return from service,烈士遗属身份=Martyr’s family',
    payment:
      '义务兵家庭优待金=Conscript family allowance,伤残抚恤金=Disability pension,自主就业一次性经济补助=Resettlement grant,优抚对象医疗补助=Medical subsidy',
  },
  {
    code: '29',
    name: '残疾人联合会/Disabled Persons’ Federation',
    window: '二楼 E2/First floor E2',
    event: '救助帮扶/Help',
    who: '个人',
    licence: '残疾人证=Disability card~残疾证',
    record: '辅助器具适配=Assistive devices,残疾人就业培训=Job training,无障碍改造=Accessible home',
    payment: '残疾儿童康复救助=Child rehabilitation,残疾人燃油补贴=Fuel subsidy,残疾学生助学金=Student grant',
  },
  {
    code: '12',
    name: '司法局/Justice Bureau',
    window: '二楼 E3/First floor E3',
    event: '救助帮扶/Help',
    who: '个人',
    licence: '律师执业证=Lawyer’s licence,基层法律服务工作者执业证=Legal worker’s licence,司法鉴定人执业证=Forensic expert’s licence',
    record: '继承公证=Notarised inheritance~公证,委托公证=Notarised power of attorney,人民调解=Mediation,行政复议=Administrative review',
    payment: '法律援助=Legal aid',
  },
];
