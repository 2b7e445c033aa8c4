#include "widgets/forms/settings_form.h"

#include "support/gui.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>

using namespace clipscope;
using namespace clipscope::widgets;

namespace {

enum class Colour { Red, Green };

struct Values
{
    std::int64_t steps = 100;
    double rate = 0.5;
    bool loud = false;
    std::string note;
    Colour colour = Colour::Red;
};

void describe(SettingsVisitor& visitor, Values& values)
{
    visitor.field("train.steps", values.steps, { 1, 1000 }, "steps", SettingLevel::Basic,
        "How many updates are made.");
    visitor.field(
        "train.rate", values.rate, { 0, 1 }, "", SettingLevel::Basic, "Peak of the rate.");
    visitor.field("train.loud", values.loud, SettingLevel::Expert, "Says more.");
    visitor.field("train.note", values.note, SettingLevel::Basic, "Words for yourself.");
    visitor.field(
        "train.colour", values.colour, { "red", "green" }, SettingLevel::Expert, "Of the line.");
}

} // namespace

class TestSettingsForm : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarningOfOurs();
        m_values = {};
        m_table = settingsTable(m_values);
        m_form = std::make_unique<SettingsForm>(m_table, QStringLiteral("clipscope-cli train P"));
        m_form->show();
    }

    void showsEveryFieldWithUnitRangeAndHelp();
    void foldsExpertFieldsAway();
    void writesAcceptedValuesIntoTheTable();
    void saysWhatIsWrongUnderTheField();
    void buildsTheCommandLineFromWhatDiffers();
    void quotesForTheShell();
    void copiesTheCommandLine();
    void restoresDefaults();
    void namesFieldsForScreenReaders();
    void holdsWhatCannotBeChanged();

private:
    QLineEdit* line(const char* key) { return m_form->findChild<QLineEdit*>(QLatin1String(key)); }
    QString allText() const
    {
        QString all;
        const auto labels = m_form->findChildren<QLabel*>();
        for (const QLabel* label : labels)
            all += label->text() + QLatin1Char('\n');
        return all;
    }
    Values m_values;
    SettingsTable m_table;
    std::unique_ptr<SettingsForm> m_form;
};

void TestSettingsForm::showsEveryFieldWithUnitRangeAndHelp()
{
    QCOMPARE(line("train.steps")->text(), QStringLiteral("100"));
    const QString text = allText();
    QVERIFY(text.contains(QStringLiteral("Steps")));
    QVERIFY(text.contains(QStringLiteral("steps, 1 to 1,000")));
    QVERIFY(text.contains(QStringLiteral("How many updates are made.")));
    QVERIFY(m_form->findChild<QCheckBox*>(QStringLiteral("train.loud")));
    QCOMPARE(m_form->findChild<QComboBox*>(QStringLiteral("train.colour"))->count(), 2);
}

void TestSettingsForm::foldsExpertFieldsAway()
{
    auto* expert = m_form->findChild<QCheckBox*>(QStringLiteral("train.loud"));
    QVERIFY(line("train.steps")->isVisible());
    QVERIFY(!expert->isVisible());
    m_form->setExpertVisible(true);
    QVERIFY(expert->isVisible());
}

void TestSettingsForm::writesAcceptedValuesIntoTheTable()
{
    const QSignalSpy spy(m_form.get(), &SettingsForm::changed);
    line("train.steps")->setText(QStringLiteral("250"));
    line("train.rate")->setText(QStringLiteral("1e-3"));
    m_form->findChild<QCheckBox*>(QStringLiteral("train.loud"))->click();
    m_form->findChild<QComboBox*>(QStringLiteral("train.colour"))->setCurrentIndex(1);
    QCOMPARE(m_values.steps, 250);
    QCOMPARE(m_values.rate, 1e-3);
    QVERIFY(m_values.loud);
    QCOMPARE(m_values.colour, Colour::Green);
    QVERIFY(spy.count() >= 4);
}

void TestSettingsForm::saysWhatIsWrongUnderTheField()
{
    line("train.steps")->setText(QStringLiteral("5000"));
    QVERIFY(!m_form->isValid());
    QCOMPARE(m_values.steps, 100);
    QVERIFY(line("train.steps")->property("invalid").toBool());
    QVERIFY2(allText().contains(QStringLiteral("5000")), qPrintable(allText()));
    line("train.steps")->setText(QStringLiteral("500"));
    QVERIFY(m_form->isValid());
    QVERIFY(!line("train.steps")->property("invalid").toBool());
}

void TestSettingsForm::buildsTheCommandLineFromWhatDiffers()
{
    QCOMPARE(m_form->commandLine(), QStringLiteral("clipscope-cli train P"));
    line("train.steps")->setText(QStringLiteral("7"));
    QCOMPARE(m_form->commandLine(), QStringLiteral("clipscope-cli train P --set train.steps=7"));
    QCOMPARE(m_form->assignments(), QStringList{ QStringLiteral("train.steps=7") });
    QCOMPARE(line("commandLine")->text(), m_form->commandLine());
}

void TestSettingsForm::quotesForTheShell()
{
    line("train.note")->setText(QStringLiteral("it's two words"));
    QCOMPARE(m_form->commandLine(),
        QStringLiteral("clipscope-cli train P --set 'train.note=it'\\''s two words'"));
    QCOMPARE(
        shellQuoted(QStringLiteral("/films/a.clipscope")), QStringLiteral("/films/a.clipscope"));
    QCOMPARE(shellQuoted({}), QStringLiteral("''"));
}

void TestSettingsForm::copiesTheCommandLine()
{
    m_form->findChild<QPushButton*>(QStringLiteral("copyCommand"))->click();
    QCOMPARE(QApplication::clipboard()->text(), m_form->commandLine());
}

void TestSettingsForm::restoresDefaults()
{
    line("train.steps")->setText(QStringLiteral("0"));
    line("train.note")->setText(QStringLiteral("x"));
    m_form->restoreBaseline();
    QVERIFY(m_form->isValid());
    QVERIFY(m_form->assignments().isEmpty());
}

void TestSettingsForm::namesFieldsForScreenReaders()
{
    QCOMPARE(line("train.steps")->accessibleName(), QStringLiteral("Steps"));
    QCOMPARE(
        line("train.steps")->accessibleDescription(), QStringLiteral("How many updates are made."));
}

void TestSettingsForm::holdsWhatCannotBeChanged()
{
    m_form->setChangeable(QStringLiteral("train.steps"), QStringLiteral("It has begun."));
    QVERIFY(line("train.steps")->isEnabled());
    QVERIFY(!line("train.note")->isEnabled());
    QCOMPARE(line("train.note")->toolTip(), QStringLiteral("It has begun."));
    m_form->setChangeable({});
    QVERIFY(line("train.note")->isEnabled());
    QCOMPARE(line("train.note")->toolTip(), QStringLiteral("train.note"));
}

QTEST_MAIN(TestSettingsForm)
#include "tst_settings_form.moc"
