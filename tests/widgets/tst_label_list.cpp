#include "widgets/timeline/label_list.h"

#include "support/gui.h"
#include "support/made_up_timeline.h"
#include "widgets/common/theme.h"
#include "widgets/timeline/label_list_model.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QSignalSpy>
#include <QTableView>
#include <QToolButton>

using namespace clipscope;
using namespace clipscope::widgets;

class TestLabelList : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_list.reset(); }

    void keysGoByPositionUnlessChosen();
    void coloursGoByPositionUnlessChosen();
    void bandsAndLinesStayReadableInEveryColour_data();
    void bandsAndLinesStayReadableInEveryColour();
    void editsNamesInPlace();
    void renamesTheParentOfOthersWithIt();
    void standsInsideWhatItIsPartOf();
    void refusesANameOrAKeyTwice();
    void editsWordingsPartedByBars();
    void setsAndTakesBackThresholds();
    void sliderIsDraggedInPlace();
    void addsAndRemovesLabels();
    void movesLabelsByKeysAndByDropping();
    void keepsTheCurrentLabelByName();
    void enterGivesTheLabel();
    void colourComesFromAMenu();
    void staysAModelThroughEverything();

private:
    QTableView& table() const
    {
        return *m_list->findChild<QTableView*>(QStringLiteral("labelTable"));
    }
    QModelIndex cell(int row, int column) const { return table().model()->index(row, column); }
    bool edit(int row, int column, const QString& text)
    {
        return table().model()->setData(cell(row, column), text, Qt::EditRole);
    }
    QString problem() const
    {
        const auto* label = m_list->findChild<QLabel*>(QStringLiteral("labelProblem"));
        return label->isVisible() ? label->text() : QString();
    }
    labels::LabelSet told() const { return m_edited->last().first().value<labels::LabelSet>(); }
    QStringList names() const;

    std::unique_ptr<LabelList> m_list;
    std::unique_ptr<QSignalSpy> m_edited;
};

void TestLabelList::init()
{
    test::failOnAnyWarningOfOurs();
    m_list = std::make_unique<LabelList>();
    m_list->resize(520, 320);
    m_list->setLabelSet(test::madeUpLabels());
    m_list->show();
    QVERIFY(QTest::qWaitForWindowActive(m_list.get()));
    m_edited = std::make_unique<QSignalSpy>(m_list.get(), &LabelList::labelSetEdited);
}

QStringList TestLabelList::names() const
{
    QStringList all;
    for (const labels::Label& each : m_list->labelSet().labels)
        all.push_back(QString::fromStdString(each.name));
    return all;
}

void TestLabelList::keysGoByPositionUnlessChosen()
{
    labels::LabelSet set;
    for (int i = 0; i < 12; ++i)
        set.labels.push_back({ std::to_string(i), {}, {}, {}, {}, 0, {} });
    QCOMPARE(keyOf(set, 0), QStringLiteral("1"));
    QCOMPARE(keyOf(set, 9), QStringLiteral("0"));
    QCOMPARE(keyOf(set, 10), QString());
    set.labels[11].key = std::string("2");
    QCOMPARE(keyOf(set, 11), QStringLiteral("2"));
    QCOMPARE(keyOf(set, 1), QString()); // taken
}

void TestLabelList::coloursGoByPositionUnlessChosen()
{
    labels::LabelSet set = test::madeUpLabels();
    set.labels[1].colour = 0x123456U;
    const LabelColours colours(set);
    QCOMPARE(colours.indexOf("rinse pot"), 1);
    QCOMPARE(colours.indexOf("nothing of ours"), -1);
    QCOMPARE(colours.colour("boil water", false), seriesColour(0, false));
    QCOMPARE(colours.colour("rinse pot", true), QColor(0x12, 0x34, 0x56));
    QCOMPARE(colours.colour("nothing of ours", true), darkTokens().secondary);
}

void TestLabelList::bandsAndLinesStayReadableInEveryColour_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestLabelList::bandsAndLinesStayReadableInEveryColour()
{
    QFETCH(bool, dark);
    const Tokens& theme = dark ? darkTokens() : lightTokens();
    std::vector<QColor> all;
    for (int i = 0; i < 24; ++i)
        all.push_back(seriesColour(i, dark));
    for (int hue = 0; hue < 360; hue += 20) // and whatever a user chooses
        for (const int value : { 0, 90, 180, 255 })
            all.push_back(QColor::fromHsv(hue, 255, value));
    for (const QColor& each : all)
        for (const double share : { 0.5, 0.32, 0.16 }) {
            const QColor fill = readableFill(each, theme, share);
            QVERIFY2(contrastRatio(theme.text, fill) >= 4.5, qPrintable(each.name()));
        }
    for (const QColor& each : all)
        QVERIFY2(
            contrastRatio(theme.panel, visibleLine(each, theme)) >= 3.0, qPrintable(each.name()));
    QCOMPARE(visibleLine(theme.text, theme), theme.text);
    // Colours that leave the text readable are used as they are.
    QCOMPARE(readableFill(theme.panel, theme, 0.5), theme.panel);
}

void TestLabelList::editsNamesInPlace()
{
    table().setCurrentIndex(cell(3, LabelListModel::Name));
    table().setFocus();
    QTest::keyClick(&table(), Qt::Key_F2);
    auto* editor = table().findChild<QLineEdit*>();
    QVERIFY(editor);
    editor->selectAll();
    QTest::keyClicks(editor, QStringLiteral("fill pot"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(m_edited->size(), 1);
    QCOMPARE(told().labels[3].name, std::string("fill pot"));
    QCOMPARE(told().labels[3].wordings, test::madeUpLabels().labels[3].wordings);
    QCOMPARE(cell(3, LabelListModel::Name).data().toString(), QStringLiteral("fill pot"));
}

void TestLabelList::renamesTheParentOfOthersWithIt()
{
    labels::LabelSet set = test::madeUpLabels();
    set.labels[1].parent = set.labels[2].parent = "boil water";
    m_list->setLabelSet(set);
    QVERIFY(edit(0, LabelListModel::Name, QStringLiteral("prepare")));
    QCOMPARE(told().labels[1].parent, std::string("prepare"));
    table().model()->removeRows(0, 1);
    QCOMPARE(told().labels[0].parent, std::string());
}

void TestLabelList::standsInsideWhatItIsPartOf()
{
    auto& model = *qobject_cast<LabelListModel*>(table().model());
    const auto depth = [&](int row) {
        return cell(row, LabelListModel::Name).data(LabelListModel::DepthRole).toInt();
    };
    model.setParentLabel(1, QStringLiteral("boil water"));
    model.setParentLabel(2, QStringLiteral("rinse pot"));
    QCOMPARE(told().labels[2].parent, std::string("rinse pot"));
    QCOMPARE(depth(0), 0);
    QCOMPARE(depth(1), 1);
    QCOMPARE(depth(2), 2);
    // Nothing becomes a part of its own parts.
    QVERIFY(!model.possibleParents(0).contains(QStringLiteral("add leaves")));
    QVERIFY(!model.possibleParents(0).contains(QStringLiteral("boil water")));
    QVERIFY(model.possibleParents(2).contains(QStringLiteral("boil water")));
    model.setParentLabel(2, {});
    QCOMPARE(depth(2), 0);
    labels::LabelSet circle = test::madeUpLabels(); // as a broken file might have it
    circle.labels[0].parent = "rinse pot";
    circle.labels[1].parent = "boil water";
    m_list->setLabelSet(circle);
    QVERIFY(depth(0) <= static_cast<int>(circle.labels.size()));
}

void TestLabelList::refusesANameOrAKeyTwice()
{
    QVERIFY(!edit(3, LabelListModel::Name, QStringLiteral("  stir ")));
    QVERIFY(problem().contains(QStringLiteral("stir")));
    QVERIFY(!edit(3, LabelListModel::Name, QStringLiteral("   ")));
    QVERIFY(!problem().isEmpty());
    QVERIFY(edit(0, LabelListModel::Key, QStringLiteral("W")));
    QVERIFY(problem().isEmpty()); // what is well takes the complaint away
    QCOMPARE(told().labels[0].key, std::string("w"));
    QVERIFY(!edit(1, LabelListModel::Key, QStringLiteral("w")));
    QVERIFY(problem().contains(QStringLiteral("boil water")));
    QVERIFY(!edit(1, LabelListModel::Key, QStringLiteral("?")));
    QCOMPARE(m_edited->size(), 1);
    QVERIFY(edit(0, LabelListModel::Key, QString())); // by position again
    QCOMPARE(cell(0, LabelListModel::Key).data().toString(), QStringLiteral("1"));
    QVERIFY(edit(1, LabelListModel::Key, QStringLiteral("2"))); // the one it has
    QCOMPARE(told().labels[1].key, std::string());
}

void TestLabelList::editsWordingsPartedByBars()
{
    QVERIFY(edit(4, LabelListModel::Wordings, QStringLiteral(" let it  steep |wait||  wait |")));
    QCOMPARE(told().labels[4].wordings, (std::vector<std::string>{ "let it steep", "wait" }));
    QCOMPARE(
        cell(4, LabelListModel::Wordings).data().toString(), QStringLiteral("let it steep | wait"));
    QVERIFY(edit(4, LabelListModel::Wordings, QStringLiteral("steep"))); // the name itself
    QCOMPARE(told().labels[4].wordings, std::vector<std::string>{});
}

void TestLabelList::setsAndTakesBackThresholds()
{
    QVERIFY(table().isColumnHidden(LabelListModel::Threshold));
    m_list->setThresholds(LabelList::Thresholds{ -1.0, 3.0, 0.5 });
    QVERIFY(!table().isColumnHidden(LabelListModel::Threshold));
    QVERIFY(edit(2, LabelListModel::Threshold, QStringLiteral("1.25")));
    QCOMPARE(told().labels[2].threshold, std::optional(1.25));
    QCOMPARE(cell(1, LabelListModel::Threshold).data().toString(), QStringLiteral("0.5"));
    table().setCurrentIndex(cell(2, LabelListModel::Threshold));
    QTest::keyClick(&table(), Qt::Key_Delete);
    QCOMPARE(told().labels[2].threshold, std::nullopt);
    QCOMPARE(names().size(), 8); // the label is still there
}

void TestLabelList::sliderIsDraggedInPlace()
{
    m_list->setThresholds(LabelList::Thresholds{ 0.0, 1.0, 0.5 });
    const QRect place = table().visualRect(cell(1, LabelListModel::Threshold));
    QWidget* area = table().viewport();
    const QPoint left(place.left() + 8, place.center().y());
    QTest::mousePress(area, Qt::LeftButton, {}, left);
    QCOMPARE(told().labels[1].threshold, std::optional(0.0));
    QTest::mouseMove(area, left + QPoint(30, 0));
    QMouseEvent move(QEvent::MouseMove, QPointF(left + QPoint(45, 0)),
        QPointF(area->mapToGlobal(left + QPoint(45, 0))), Qt::NoButton, Qt::LeftButton, {});
    QApplication::sendEvent(area, &move);
    QCOMPARE(told().labels[1].threshold, std::optional(0.75));
    QTest::mouseRelease(area, Qt::LeftButton, {}, left + QPoint(45, 0));
    QCOMPARE(names(), [] {
        QStringList all;
        for (const labels::Label& each : test::madeUpLabels().labels)
            all.push_back(QString::fromStdString(each.name));
        return all;
    }()); // no row was dragged along
}

void TestLabelList::addsAndRemovesLabels()
{
    auto* add = m_list->findChild<QToolButton*>(QStringLiteral("addLabel"));
    auto* remove = m_list->findChild<QToolButton*>(QStringLiteral("removeLabel"));
    add->click();
    QCOMPARE(told().labels.size(), std::size_t{ 9 });
    auto* editor = table().findChild<QLineEdit*>(); // its name can be typed at once
    QVERIFY(editor);
    QTest::keyClicks(editor, QStringLiteral("serve"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(names().last(), QStringLiteral("serve"));
    m_list->setCurrentLabel(QStringLiteral("stir"));
    QVERIFY(remove->isEnabled());
    remove->click();
    QVERIFY(!names().contains(QStringLiteral("stir")));
    QCOMPARE(told().labels.size(), std::size_t{ 8 });
    table().setCurrentIndex(cell(0, LabelListModel::Name));
    table().setFocus();
    QTest::keyClick(&table(), Qt::Key_Delete);
    QCOMPARE(names().first(), QStringLiteral("rinse pot"));
    m_list->setLabelSet({});
    QVERIFY(!remove->isEnabled() && !remove->toolTip().isEmpty());
}

void TestLabelList::movesLabelsByKeysAndByDropping()
{
    m_list->setCurrentLabel(QStringLiteral("rinse pot"));
    table().setFocus();
    QTest::keyClick(&table(), Qt::Key_Up, Qt::AltModifier);
    QCOMPARE(names().mid(0, 2),
        (QStringList{ QStringLiteral("rinse pot"), QStringLiteral("boil water") }));
    QCOMPARE(m_list->currentLabel(), QStringLiteral("rinse pot"));
    QTest::keyClick(&table(), Qt::Key_Up, Qt::AltModifier); // nowhere to go
    QCOMPARE(m_edited->size(), 1);
    QTest::keyClick(&table(), Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(names().first(), QStringLiteral("boil water"));
    const std::unique_ptr<QMimeData> dragged(table().model()->mimeData({ cell(6, 1) }));
    table().model()->dropMimeData(dragged.get(), Qt::MoveAction, 2, 0, {});
    QCOMPARE(names()[2], QStringLiteral("pour tea"));
    QCOMPARE(names().size(), 8);
    QCOMPARE(told().labels[2].name, std::string("pour tea"));
}

void TestLabelList::keepsTheCurrentLabelByName()
{
    m_list->setCurrentLabel(QStringLiteral("stir"));
    labels::LabelSet set = test::madeUpLabels();
    std::swap(set.labels[0], set.labels[5]);
    m_list->setLabelSet(set);
    QCOMPARE(m_list->currentLabel(), QStringLiteral("stir"));
    QCOMPARE(table().currentIndex().row(), 0);
    QCOMPARE(m_edited->size(), 0);
}

void TestLabelList::enterGivesTheLabel()
{
    QSignalSpy chosen(m_list.get(), &LabelList::labelChosen);
    m_list->setCurrentLabel(QStringLiteral("stir"));
    table().setFocus();
    QTest::keyClick(&table(), Qt::Key_Return);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen.first().first().toString(), QStringLiteral("stir"));
}

void TestLabelList::colourComesFromAMenu()
{
    const QRect place = table().visualRect(cell(2, LabelListModel::Colour));
    QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, place.center());
    auto* menu = table().findChild<QMenu*>(QStringLiteral("colourMenu"));
    QVERIFY(menu && menu->isVisible());
    for (QAction* each : menu->actions())
        if (each->text() == QStringLiteral("Vermilion"))
            each->trigger();
    QCOMPARE(told().labels[2].colour, std::optional<std::uint32_t>(0xD55E00U));
    menu->actions().first()->trigger();
    QCOMPARE(told().labels[2].colour, std::nullopt);
    menu->close();
}

void TestLabelList::staysAModelThroughEverything()
{
    LabelListModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setLabelSet(test::madeUpLabels());
    model.setThresholds(LabelList::Thresholds{});
    model.setSeconds({ { QStringLiteral("stir"), 61.0 } });
    QCOMPARE(model.index(5, LabelListModel::Seconds).data().toString(), QStringLiteral("1:01"));
    QCOMPARE(model.addLabel(), 8);
    QCOMPARE(model.addLabel(), 9);
    QVERIFY(model.moveRows({}, 9, 1, {}, 0));
    QVERIFY(model.moveRows({}, 0, 1, {}, 10));
    QVERIFY(!model.moveRows({}, 0, 1, {}, 0));
    QVERIFY(!model.moveRows({}, 0, 1, {}, 1));
    QVERIFY(!model.moveRows({}, 0, 1, {}, 99));
    QVERIFY(model.removeRows(8, 2));
    QVERIFY(!model.removeRows(8, 1));
    QCOMPARE(model.labelSet(), test::madeUpLabels());
    QVERIFY(model.removeRows(0, 8));
    QCOMPARE(model.rowCount(), 0);
}

QTEST_MAIN(TestLabelList)
#include "tst_label_list.moc"
