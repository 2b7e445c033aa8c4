#include "app/studio/main_window.h"

#include "app/studio/screenshot.h"
#include "store/project.h"
#include "support/gui.h"
#include "support/quiet_studio.h"
#include "support/verify.h"
#include "widgets/common/error_banner.h"
#include "widgets/common/format.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QImage>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::studio;

class TestMainWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void welcomesWithoutAProject();
    void showsTheCollectionOfAnOpenedProject();
    void saysWhyAProjectCannotBeOpened();
    void makesAProjectThatIsNotThere();
    void goesToPagesByKeys();
    void givesTheKeysToThePage();
    void opensABenchmarkByEnterAndLeavesItByEscape();
    void goesToTheQueryBoxBySlashAndBackByEscape();
    void searchesOnEnterFromAnyPage();
    void showsErrorsUnderTheTopBar();
    void opensTheSheetOfKeysAndRunsWhatIsChosen();
    void changesAKeyInTheSheetAndKeepsIt();
    void restoresTheLastSession();
    void savesTheSessionBeforeItIsClosed();
    void switchesTheTheme();
    void namesEveryControl();
    void writesAPictureOfItself();

private:
    void open();
    QLineEdit* queryBox() { return m_window->findChild<QLineEdit*>(QStringLiteral("queryBox")); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_project;
    std::unique_ptr<test::QuietStudio> m_studio;
    std::unique_ptr<MainWindow> m_window;
};

void TestMainWindow::init()
{
    test::failOnAnyWarningOfOurs();
    m_folder = std::make_unique<QTemporaryDir>();
    m_project = widgets::toPath(m_folder->filePath(QStringLiteral("holiday.clipscope")));
    QVERIFY_RESULT(store::Project::create(m_project));
    m_studio = std::make_unique<test::QuietStudio>(
        m_folder->filePath(QStringLiteral("preferences.ini")));
    m_window = std::make_unique<MainWindow>(m_studio->services);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
}

void TestMainWindow::cleanup()
{
    m_window.reset();
    m_studio.reset();
    m_folder.reset();
}

void TestMainWindow::open()
{
    m_studio->project.open(m_project);
    QTRY_VERIFY(m_studio->project.isOpen());
}

void TestMainWindow::welcomesWithoutAProject()
{
    QCOMPARE(m_window->windowTitle(), QStringLiteral("Clipscope"));
    QVERIFY(!m_window->page(PageId::Collection)->isVisible());
    QVERIFY(!queryBox()->isEnabled());
    QVERIFY(!queryBox()->toolTip().isEmpty());
    QVERIFY(m_window->isSettled());
}

void TestMainWindow::showsTheCollectionOfAnOpenedProject()
{
    open();
    QCOMPARE(m_window->windowTitle(), QStringLiteral("holiday - Clipscope"));
    QVERIFY(m_window->page(PageId::Collection)->isVisible());
    QTRY_VERIFY(m_window->isSettled());
    QCOMPARE(m_studio->preferences.get(keys::lastProject), widgets::fromPath(m_project));
}

void TestMainWindow::saysWhyAProjectCannotBeOpened()
{
    auto* area = m_window->findChild<widgets::BannerArea*>(QStringLiteral("bannerArea"));
    m_studio->project.open(m_project / "nowhere");
    QTRY_COMPARE(area->banners().size(), 1);
    QVERIFY2(area->banners().first()->fullText().contains(QStringLiteral("nowhere")),
        qPrintable(area->banners().first()->fullText()));
    QVERIFY(!m_studio->project.isOpen());
}

void TestMainWindow::makesAProjectThatIsNotThere()
{
    const std::filesystem::path fresh = m_project.parent_path() / "fresh.clipscope";
    m_studio->project.create(fresh);
    QTRY_COMPARE(m_studio->project.name(), QStringLiteral("fresh"));
    QVERIFY(std::filesystem::exists(fresh / "project.sqlite"));
    // The same words again open what is there now.
    m_studio->project.create(m_project);
    QTRY_COMPARE(m_studio->project.name(), QStringLiteral("holiday"));
}

void TestMainWindow::goesToPagesByKeys()
{
    open();
    QTest::keyClick(m_window.get(), Qt::Key_3, Qt::ControlModifier);
    QCOMPARE(m_window->currentPage(), PageId::Timeline);
    QTest::keyClick(m_window.get(), Qt::Key_4, Qt::ControlModifier);
    QCOMPARE(m_window->currentPage(), PageId::Training);
    QVERIFY(m_window->page(PageId::Training)->isVisible());
    QTest::keyClick(m_window.get(), Qt::Key_6, Qt::ControlModifier);
    QCOMPARE(m_window->currentPage(), PageId::Evaluate);
    QVERIFY(m_window->page(PageId::Evaluate)->isVisible());
    QTest::keyClick(m_window.get(), Qt::Key_2, Qt::ControlModifier);
    QCOMPARE(m_window->currentPage(), PageId::Search);
    QVERIFY(m_window->findChild<QAbstractButton*>(QStringLiteral("searchRail"))->isChecked());
}

void TestMainWindow::givesTheKeysToThePage()
{
    const auto inPage = [this](PageId id) {
        QWidget* page = m_window->page(id);
        QWidget* focus = QApplication::focusWidget();
        return focus == page || page->isAncestorOf(focus);
    };
    open();
    QVERIFY(inPage(PageId::Collection));
    QTest::keyClick(m_window.get(), Qt::Key_3, Qt::ControlModifier);
    QVERIFY(inPage(PageId::Timeline));
    QTest::keyClick(m_window.get(), Qt::Key_4, Qt::ControlModifier);
    QVERIFY(inPage(PageId::Training));
    queryBox()->setFocus();
    QTest::keyClick(queryBox(), Qt::Key_Escape);
    QVERIFY(inPage(PageId::Training));
    // A page's keys work wherever the focus is, and only while the page is shown.
    m_window->findChild<QAbstractButton*>(QStringLiteral("projectMenu"))->setFocus();
    QAction* newRun
        = m_window->page(PageId::Training)->findChild<QAction*>(QStringLiteral("training.new"));
    const QSignalSpy triggered(newRun, &QAction::triggered);
    QTest::keyClick(m_window.get(), Qt::Key_R, Qt::ControlModifier);
    QCOMPARE(triggered.count(), 1);
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::ControlModifier);
    QTest::keyClick(m_window.get(), Qt::Key_R, Qt::ControlModifier);
    QCOMPARE(triggered.count(), 1);
}

void TestMainWindow::opensABenchmarkByEnterAndLeavesItByEscape()
{
    open();
    QTest::keyClick(m_window.get(), Qt::Key_6, Qt::ControlModifier);
    QTRY_VERIFY(m_window->isSettled());
    auto* cards = m_window->findChild<QAbstractItemView*>(QStringLiteral("benchmarkCards"));
    QVERIFY(cards->hasFocus());
    QTest::keyClick(cards, Qt::Key_Right);
    QTest::keyClick(cards, Qt::Key_Return);
    auto* title = m_window->findChild<QLabel*>(QStringLiteral("benchmarkTitle"));
    QVERIFY(title->isVisible());
    QCOMPARE(title->text(), QStringLiteral("MSR-VTT"));
    auto* back = m_window->findChild<QWidget*>(QStringLiteral("backToBenchmarks"));
    QVERIFY(back->hasFocus()); // there is no checkpoint to run
    ModelState state;
    state.phase = ModelState::Phase::Ready;
    m_studio->model.become(state);
    auto* run = m_window->findChild<QWidget*>(QStringLiteral("runBenchmark"));
    run->setFocus();
    QVERIFY(run->hasFocus());
    state.phase = ModelState::Phase::Loading;
    m_studio->model.become(state);
    QVERIFY(back->hasFocus());
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    QVERIFY(cards->hasFocus());
    QCOMPARE(cards->currentIndex().row(), 1);
}

void TestMainWindow::goesToTheQueryBoxBySlashAndBackByEscape()
{
    open();
    QTest::keyClick(m_window.get(), Qt::Key_Slash);
    QTRY_VERIFY(queryBox()->hasFocus());
    QTest::keyClicks(queryBox(), QStringLiteral("a/b?"));
    QCOMPARE(queryBox()->text(), QStringLiteral("a/b?"));
    QTest::keyClick(queryBox(), Qt::Key_Escape);
    QVERIFY(!queryBox()->hasFocus());
}

void TestMainWindow::searchesOnEnterFromAnyPage()
{
    open();
    QSignalSpy spy(&m_studio->navigator, &Navigator::queryChanged);
    queryBox()->setFocus();
    QTest::keyClicks(queryBox(), QStringLiteral("dog"));
    QCOMPARE(spy.count(), 3);
    QCOMPARE(m_window->currentPage(), PageId::Search); // where the answers appear
    QVERIFY(queryBox()->hasFocus());
    QTest::keyClick(queryBox(), Qt::Key_Return);
    QCOMPARE(spy.last().at(0).toString(), QStringLiteral("dog"));
    QVERIFY(spy.last().at(1).toBool());
    QCOMPARE(m_window->currentPage(), PageId::Search);
}

void TestMainWindow::showsErrorsUnderTheTopBar()
{
    open();
    auto* area = m_window->findChild<widgets::BannerArea*>(QStringLiteral("bannerArea"));
    m_studio->navigator.report({ ErrorKind::Io, "The disk is full.", {}, {}, {} });
    QCOMPARE(area->banners().size(), 1);
    QTRY_VERIFY(area->banners().first()->isVisible());
}

void TestMainWindow::opensTheSheetOfKeysAndRunsWhatIsChosen()
{
    open();
    QTest::keyClick(m_window.get(), Qt::Key_F1);
    auto* sheet = m_window->findChild<QDialog*>(QStringLiteral("shortcutSheet"));
    QVERIFY(sheet && sheet->isVisible());
    auto* table = sheet->findChild<QTableWidget*>();
    QVERIFY(table->rowCount() > 10);
    auto* find = sheet->findChild<QLineEdit*>();
    find->setText(QStringLiteral("Show Training"));
    QTest::keyClick(find, Qt::Key_Return);
    QCOMPARE(m_window->currentPage(), PageId::Training);
}

void TestMainWindow::changesAKeyInTheSheetAndKeepsIt()
{
    open();
    const auto inSheet = [this](const QString& action, const auto& act) {
        m_window->findChild<QAction*>(QStringLiteral("window.actions"))->trigger();
        auto* sheet = m_window->findChild<QDialog*>(QStringLiteral("shortcutSheet"));
        sheet->findChild<QLineEdit*>()->setText(action);
        act(*sheet);
        delete sheet;
    };
    const auto type = [](QDialog& sheet, const QKeySequence& key) {
        auto* edit = sheet.findChild<QKeySequenceEdit*>();
        edit->setKeySequence(key);
        Q_EMIT edit->editingFinished();
    };
    QAction* show = m_window->findChild<QAction*>(QStringLiteral("training.show"));
    inSheet(QStringLiteral("Show Training"), [&](QDialog& sheet) {
        type(sheet, QKeySequence(Qt::CTRL | Qt::Key_2)); // that is the Search page's
        QVERIFY(!sheet.findChild<QLabel*>(QStringLiteral("keyRefusal"))->text().isEmpty());
        QCOMPARE(show->shortcut(), QKeySequence(Qt::CTRL | Qt::Key_4));
        type(sheet, QKeySequence(Qt::CTRL | Qt::Key_K)); // opens this very sheet
        QCOMPARE(show->shortcut(), QKeySequence(Qt::CTRL | Qt::Key_4));
        type(sheet, QKeySequence(Qt::CTRL | Qt::Key_J));
        QTest::keyClick(sheet.findChild<QKeySequenceEdit*>(), Qt::Key_Escape); // closes, no key
        QVERIFY(!sheet.isVisible());
    });
    QCOMPARE(show->shortcut(), QKeySequence(Qt::CTRL | Qt::Key_J));
    m_window.reset();
    m_window = std::make_unique<MainWindow>(m_studio->services);
    show = m_window->findChild<QAction*>(QStringLiteral("training.show"));
    QCOMPARE(show->shortcut(), QKeySequence(Qt::CTRL | Qt::Key_J));
    m_window->show();
    inSheet(QStringLiteral("Show Training"), [&](QDialog& sheet) {
        sheet.findChild<QPushButton*>(QStringLiteral("defaultKey"))->click();
    });
    QCOMPARE(show->shortcut(), QKeySequence(Qt::CTRL | Qt::Key_4));
    QVERIFY(!m_studio->preferences.key(QStringLiteral("training.show")));
}

void TestMainWindow::restoresTheLastSession()
{
    open();
    m_window->resize(1000, 700);
    m_window->showPage(PageId::Search);
    queryBox()->setText(QStringLiteral("a dog"));
    m_studio->navigator.query(QStringLiteral("a dog"), true);
    m_window->close();
    MainWindow second(m_studio->services);
    second.restoreSession();
    QCOMPARE(second.size(), QSize(1000, 700));
    QCOMPARE(second.currentPage(), PageId::Search);
    QCOMPARE(
        second.findChild<QLineEdit*>(QStringLiteral("queryBox"))->text(), QStringLiteral("a dog"));
    m_window->showPage(PageId::Training);
    MainWindow third(m_studio->services);
    third.restoreSession();
    QCOMPARE(third.currentPage(), PageId::Training); // words of last time do not take the page
}

void TestMainWindow::savesTheSessionBeforeItIsClosed()
{
    m_window->restoreSession();
    m_window->resize(1010, 710);
    // As a crash would leave it: nobody closes this window.
    QTRY_VERIFY_WITH_TIMEOUT(!m_studio->preferences.get(keys::pageState).isEmpty(), 15000);
    MainWindow next(m_studio->services);
    next.restoreSession();
    QCOMPARE(next.size(), QSize(1010, 710));
}

void TestMainWindow::switchesTheTheme()
{
    const bool before = widgets::tokens(m_window.get()).dark;
    QTest::keyClick(m_window.get(), Qt::Key_T, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(widgets::tokens(m_window.get()).dark, !before);
    QVERIFY(m_studio->preferences.colourScheme() != widgets::ColourScheme::Auto);
}

void TestMainWindow::namesEveryControl()
{
    open();
    const auto widgets = m_window->findChildren<QWidget*>();
    for (const QWidget* widget : widgets) {
        QString name = widget->accessibleName();
        if (const auto* button = qobject_cast<const QAbstractButton*>(widget);
            button && name.isEmpty())
            name = button->text().isEmpty() ? button->toolTip() : button->text();
        const bool needsOne = qobject_cast<const QAbstractButton*>(widget)
            || (qobject_cast<const QLineEdit*>(widget)
                && !qobject_cast<const QComboBox*>(widget->parentWidget()))
            || (qobject_cast<const QAbstractItemView*>(widget)
                && !widget->parentWidget()->inherits("QComboBoxPrivateContainer")
                && !widget->inherits("QHeaderView"));
        const bool isQtOwn = widget->objectName().startsWith(QStringLiteral("qt_"))
            || widget->inherits("QTableCornerButton") || widget->inherits("QLineEditIconButton")
            || widget->inherits("CloseButton");
        QVERIFY2(!needsOne || isQtOwn || !name.isEmpty(),
            qPrintable(
                QStringLiteral("%1 %2 in %3 %4")
                    .arg(QLatin1String(widget->metaObject()->className()), widget->objectName(),
                        QLatin1String(widget->parentWidget()->metaObject()->className()),
                        widget->parentWidget()->objectName())));
    }
}

void TestMainWindow::writesAPictureOfItself()
{
    open();
    const QString file = m_folder->filePath(QStringLiteral("picture.png"));
    Screenshot screenshot(*m_window, file);
    const QSignalSpy spy(&screenshot, &Screenshot::finished);
    QTRY_COMPARE_WITH_TIMEOUT(spy.count(), 1, 20000);
    QCOMPARE(QImage(file).size(), m_window->size() * m_window->devicePixelRatio());
}

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
