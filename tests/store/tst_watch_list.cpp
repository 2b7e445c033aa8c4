#include "store/watch_list.h"

#include "base/files.h"
#include "support/verify.h"

#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::store;

class TestWatchList : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        m_folder = m_temporary->path().toStdString();
    }

    void comesBackAsItWasWritten();
    void isEmptyWithoutAFile();
    void neverUsesAnIdAgain();
    void refusesATornFile();
    void refusesWhatMeansNothing_data();
    void refusesWhatMeansNothing();
    void refusesANewerVersion();

private:
    static WatchList sample()
    {
        WatchList list;
        list.add({ 0, "a dog runs", 7, 3.0, 9.5 });
        list.add({ 0, "\"quoted\" und Größe", 8, 0.0, 0.5 });
        return list;
    }
    std::unique_ptr<QTemporaryDir> m_temporary;
    std::filesystem::path m_folder;
};

void TestWatchList::comesBackAsItWasWritten()
{
    QVERIFY_RESULT(writeWatchList(m_folder, sample()));
    const auto read = readWatchList(m_folder);
    QVERIFY_RESULT(read);
    QCOMPARE(*read, sample());
}

void TestWatchList::isEmptyWithoutAFile()
{
    const auto read = readWatchList(m_folder);
    QVERIFY_RESULT(read);
    QCOMPARE(*read, WatchList{});
}

void TestWatchList::neverUsesAnIdAgain()
{
    WatchList list = sample();
    list.queries.pop_back();
    QVERIFY_RESULT(writeWatchList(m_folder, list));
    auto read = readWatchList(m_folder);
    QVERIFY_RESULT(read);
    read->add({ 0, "third", 1, 0.0, 1.0 });
    QCOMPARE(read->queries.back().id, 3);
}

void TestWatchList::refusesATornFile()
{
    QVERIFY_RESULT(writeWatchList(m_folder, sample()));
    const auto whole = readFile(watchListFile(m_folder));
    QVERIFY_RESULT(whole);
    for (std::size_t size = 0; size + 2 < whole->size(); ++size) {
        QVERIFY_RESULT(writeFileAtomically(watchListFile(m_folder), whole->substr(0, size)));
        QVERIFY_ERROR(readWatchList(m_folder), ErrorKind::BadInput);
    }
}

void TestWatchList::refusesWhatMeansNothing_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addRow("list") << QByteArray("[]");
    QTest::addRow("no version") << QByteArray(R"({"queries": []})");
    QTest::addRow("entry") << QByteArray(R"({"version": 1, "queries": [1]})");
    QTest::addRow("lacks video") << QByteArray(
        R"({"version": 1, "queries": [{"id": 1, "query": "a", "start": 0, "stop": 1}]})");
    QTest::addRow("id 0") << QByteArray(
        R"({"version": 1, "queries": [{"id": 0, "query": "a", "video": 1, "start": 0, "stop": 1}]})");
    QTest::addRow("backwards") << QByteArray(
        R"({"version": 1, "queries": [{"id": 1, "query": "a", "video": 1, "start": 2, "stop": 1}]})");
    QTest::addRow("twice") << QByteArray(
        R"({"version": 1, "queries": [{"id": 1, "query": "a", "video": 1, "start": 0, "stop": 1},
            {"id": 1, "query": "b", "video": 1, "start": 0, "stop": 1}]})");
}

void TestWatchList::refusesWhatMeansNothing()
{
    QFETCH(QByteArray, text);
    QVERIFY_RESULT(writeFileAtomically(watchListFile(m_folder), text.toStdString()));
    const auto read = readWatchList(m_folder);
    QVERIFY_ERROR(read, ErrorKind::BadInput);
    QVERIFY(read.error().place.file == watchListFile(m_folder));
}

void TestWatchList::refusesANewerVersion()
{
    QVERIFY_RESULT(
        writeFileAtomically(watchListFile(m_folder), R"({"version": 2, "queries": []})"));
    QVERIFY_ERROR(readWatchList(m_folder), ErrorKind::Unsupported);
}

QTEST_GUILESS_MAIN(TestWatchList)
#include "tst_watch_list.moc"
