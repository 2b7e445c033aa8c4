#include "app/studio/pages/training/watch_dialog.h"

#include "base/files.h"
#include "base/hash.h"
#include "store/project.h"
#include "support/gui.h"
#include "support/one_film_project.h"
#include "support/verify.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"

#include <QAbstractItemModelTester>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::studio;

class TestWatchDialog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void pinsAQueryWithItsMoment();
    void saysWhichVideoIsNotThere();
    void givesAChangedQueryANewId();
    void removesAQuery();
    void saysThatTheFileIsDamaged();

private:
    void open();
    QPushButton* button(const char* name)
    {
        return m_dialog->findChild<QPushButton*>(QLatin1String(name));
    }
    QPushButton* save()
    {
        return m_dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Save);
    }
    void set(int row, int column, const QVariant& value)
    {
        auto* model = m_dialog->findChild<QTableView*>()->model();
        model->setData(model->index(row, column), value, Qt::EditRole);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_project;
    std::unique_ptr<WatchDialog> m_dialog;
};

void TestWatchDialog::init()
{
    test::failOnAnyWarningOfOurs();
    m_folder = std::make_unique<QTemporaryDir>();
    m_project = widgets::toPath(m_folder->filePath(QStringLiteral("test.clipscope")));
    QVERIFY_RESULT(test::makeOneFilmProject(m_project));
}

void TestWatchDialog::cleanup()
{
    m_dialog.reset();
    m_folder.reset();
}

void TestWatchDialog::open()
{
    m_dialog = std::make_unique<WatchDialog>(m_project);
    m_dialog->open();
    QTRY_VERIFY(m_dialog->model() != nullptr);
}

void TestWatchDialog::pinsAQueryWithItsMoment()
{
    open();
    const QAbstractItemModelTester tester(m_dialog->findChild<QTableView*>()->model());
    QVERIFY(!button("removeQuery")->isEnabled());
    button("addQuery")->click();
    set(0, WatchModel::Query, QStringLiteral("a dog runs"));
    set(0, WatchModel::Video, QStringLiteral("dog"));
    set(0, WatchModel::Start, 2.5);
    set(0, WatchModel::Stop, 6.0);
    button("addQuery")->click(); // one without words is left out
    const QSignalSpy saved(m_dialog.get(), &WatchDialog::saved);
    QVERIFY(save()->isEnabled());
    save()->click();
    QTRY_COMPARE(saved.size(), 1);
    const auto list = store::readWatchList(m_project);
    QVERIFY_RESULT(list);
    QCOMPARE(list->queries, (std::vector<store::WatchedQuery>{ { 1, "a dog runs", 1, 2.5, 6.0 } }));
}

void TestWatchDialog::saysWhichVideoIsNotThere()
{
    open();
    button("addQuery")->click();
    set(0, WatchModel::Query, QStringLiteral("a cat"));
    set(0, WatchModel::Video, QStringLiteral("cat"));
    const auto* problem = m_dialog->findChild<QLabel*>(QStringLiteral("watchProblem"));
    QVERIFY(problem->text().contains(QStringLiteral("called \"cat\"")));
    QVERIFY(!save()->isEnabled());
    QVERIFY(!save()->toolTip().isEmpty());
    set(0, WatchModel::Video, QStringLiteral("dog"));
    QVERIFY(save()->isEnabled());
    set(0, WatchModel::Stop, 0.0);
    QVERIFY(problem->text().contains(QStringLiteral("stop after its start")));
}

void TestWatchDialog::givesAChangedQueryANewId()
{
    store::WatchList list;
    list.add({ 0, "a dog", 1, 0.0, 1.0 });
    list.add({ 0, "a bone", 1, 1.0, 2.0 });
    QVERIFY_RESULT(store::writeWatchList(m_project, list));
    open();
    set(0, WatchModel::Query, QStringLiteral("a big dog"));
    const store::WatchList changed = m_dialog->model()->list();
    QCOMPARE(changed.queries[0].id, 3); // its curve measures something else
    QCOMPARE(changed.queries[1].id, 2);
}

void TestWatchDialog::removesAQuery()
{
    store::WatchList list;
    list.add({ 0, "a dog", 1, 0.0, 1.0 });
    QVERIFY_RESULT(store::writeWatchList(m_project, list));
    open();
    auto* table = m_dialog->findChild<QTableView*>();
    table->setCurrentIndex(table->model()->index(0, 0));
    m_dialog->setVisible(true);
    auto* nothing = m_dialog->findChild<widgets::EmptyState*>();
    QVERIFY(table->isVisible() && !nothing->isVisible());
    button("removeQuery")->click();
    QVERIFY(m_dialog->model()->list().queries.empty());
    QVERIFY(!table->isVisible() && nothing->isVisible()); // an empty table says nothing
    button("addQuery")->click();
    QVERIFY(table->isVisible() && !nothing->isVisible());
    button("removeQuery")->click();
    QCOMPARE(m_dialog->model()->list().nextId, 2);
}

void TestWatchDialog::saysThatTheFileIsDamaged()
{
    QVERIFY_RESULT(writeFileAtomically(store::watchListFile(m_project), "{"));
    m_dialog = std::make_unique<WatchDialog>(m_project);
    m_dialog->open();
    const auto* problem = m_dialog->findChild<QLabel*>(QStringLiteral("watchProblem"));
    QTRY_VERIFY(problem->text().contains(QStringLiteral("watchlist.json")));
    QVERIFY(!save()->isEnabled());
}

QTEST_MAIN(TestWatchDialog)
#include "tst_watch_dialog.moc"
