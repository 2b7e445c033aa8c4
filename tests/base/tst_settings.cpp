#include "base/settings.h"
#include "support/verify.h"

using namespace clipscope;

namespace {

enum class Mode { Fast, Exact };

struct Sample
{
    std::int64_t steps = 100;
    double rate = 0.5;
    bool shuffle = true;
    std::string name = "a \"quoted\" name";
    Mode mode = Mode::Fast;
};

void describe(SettingsVisitor& v, Sample& s)
{
    v.field("train.steps", s.steps, { 1, 1000 }, "steps", SettingLevel::Basic, "How long.");
    v.field("train.rate", s.rate, { 0, 1 }, "", SettingLevel::Basic, "How fast.");
    v.field("train.shuffle", s.shuffle, SettingLevel::Expert, "Whether.");
    v.field("name", s.name, SettingLevel::Basic, "Which.");
    v.field("mode", s.mode, { "fast", "exact" }, SettingLevel::Expert, "In which way.");
}

} // namespace

class TestSettings final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void writtenSettingsReadBackTheSame()
    {
        Sample sample{ 7, 0.1, false, "tab\tand \\ and é", Mode::Exact };
        Sample copy;
        SettingsTable table = settingsTable(sample);
        SettingsTable copyTable = settingsTable(copy);
        QVERIFY_RESULT(copyTable.readTomlText(table.toToml(), "x.toml"));
        QCOMPARE(copy.steps, std::int64_t(7));
        QCOMPARE(copy.rate, 0.1);
        QCOMPARE(copy.shuffle, false);
        QCOMPARE(copy.name, sample.name);
        QVERIFY(copy.mode == Mode::Exact);
        QVERIFY(copyTable.toToml().find("# file") != std::string::npos);
    }

    void anUnknownKeyNamesTheLineAndTheNearestKey()
    {
        Sample sample;
        SettingsTable table = settingsTable(sample);
        const Status status = table.readTomlText("[train]\nsteps = 5\nshufle = true\n", "x.toml");
        QVERIFY_ERROR(status, ErrorKind::BadInput);
        QCOMPARE(status.error().place.toString(), std::string("x.toml: line 3"));
        QVERIFY(status.error().hint.find("train.shuffle") != std::string::npos);
    }

    void badValuesAreRefused_data()
    {
        QTest::addColumn<QString>("assignment");
        QTest::newRow("not a number") << "train.steps=many";
        QTest::newRow("rest after the number") << "train.steps=5x";
        QTest::newRow("below") << "train.steps=0";
        QTest::newRow("above") << "train.rate=1.5";
        QTest::newRow("not finite") << "train.rate=nan";
        QTest::newRow("not a flag") << "train.shuffle=yes";
        QTest::newRow("not a choice") << "mode=slow";
        QTest::newRow("no equals sign") << "mode";
    }

    void badValuesAreRefused()
    {
        QFETCH(QString, assignment);
        Sample sample;
        SettingsTable table = settingsTable(sample);
        QVERIFY_ERROR(table.setFromAssignment(assignment.toStdString()), ErrorKind::BadInput);
        QCOMPARE(sample.steps, std::int64_t(100));
        QVERIFY(sample.mode == Mode::Fast);
    }

    void theEnvironmentIsReadByItsUpperCaseName()
    {
        qputenv("CLIPSCOPE_TRAIN_STEPS", "12");
        Sample sample;
        SettingsTable table = settingsTable(sample);
        const Status status = table.readEnvironment();
        qunsetenv("CLIPSCOPE_TRAIN_STEPS");
        QVERIFY_RESULT(status);
        QCOMPARE(sample.steps, std::int64_t(12));
    }

    void brokenTomlIsPlaced()
    {
        Sample sample;
        SettingsTable table = settingsTable(sample);
        const Status status = table.readTomlText("a = 1\nb = = 2\n", "x.toml");
        QVERIFY_ERROR(status, ErrorKind::BadInput);
        QVERIFY(status.error().place.where.find("line 2") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
