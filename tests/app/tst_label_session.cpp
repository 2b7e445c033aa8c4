#include "app/studio/pages/timeline/label_session.h"

#include "store/label_store.h"
#include "store/project.h"
#include "support/verify.h"

#include <QCoreApplication>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <array>
#include <cstdio>

using namespace clipscope;
using namespace clipscope::studio;
using labels::Editing;

namespace {

constexpr double duration = 1e6;
const std::string video = "hash";

LabelSession::Intention addTier()
{
    return [](const Editing& editing) {
        return editing.addTier("hand", labels::Source::Hand, "kitchen");
    };
}

LabelSession::Intention draw(double start)
{
    return [start](const Editing& editing) {
        return editing.draw(1, { start, start + 0.5 }, "cut"); // the first id is the tier's
    };
}

/// Draws one segment every few milliseconds and says how many stand on the screen, until killed.
int drawForEver(QCoreApplication& application, const char* folder)
{
    LabelSession session;
    QTimer timer;
    int drawn = 0;
    QObject::connect(&session, &LabelSession::opened, [&] {
        session.edit(addTier());
        timer.start(3);
    });
    QObject::connect(&timer, &QTimer::timeout, [&] {
        session.edit(draw(drawn++));
        std::printf("%d\n", drawn);
        std::fflush(stdout);
    });
    session.open(folder, video, duration, false);
    return application.exec();
}

} // namespace

class TestLabelSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        m_project = m_temporary->path().toStdString();
    }

    void showsAnEditAtOnceAndSavesIt();
    void undoesWhatAnEarlierSessionDid();
    void keepsTheOrderOfEditsAndUndos();
    void savesTheRestWhenItIsClosed();
    void triesAgainWhileItCannotSave();
    void readsAgainWhatWasChangedElsewhere();
    void refusesWhatCannotBe();
    void writesNothingWhenReadOnly();
    void remembersTheReview();
    void losesAtMostASecondWhenItIsKilled();

private:
    std::unique_ptr<LabelSession> open(bool readOnly = false) const
    {
        auto session = std::make_unique<LabelSession>();
        QSignalSpy opened(session.get(), &LabelSession::opened);
        session->open(m_project, video, duration, readOnly);
        if (!opened.wait())
            qWarning("The labels were not opened.");
        return session;
    }
    store::LabelDocument stored() const
    {
        const auto labels = store::LabelStore::open(m_project, store::Access::ReadOnly);
        auto document = labels ? labels->read(video) : fail(labels.error());
        return document ? std::move(*document) : store::LabelDocument{};
    }
    std::unique_ptr<QTemporaryDir> m_temporary;
    std::filesystem::path m_project;
};

void TestLabelSession::showsAnEditAtOnceAndSavesIt()
{
    const auto session = open();
    session->edit(addTier());
    session->edit(draw(1.0));
    QCOMPARE(session->annotation().tiers.at(0).segments.size(), std::size_t{ 1 });
    QVERIFY(!session->isSaved());
    QTRY_VERIFY(session->isSaved());
    QVERIFY(stored().annotation == session->annotation());
    QVERIFY(session->undoes() == "Draw segment");
}

void TestLabelSession::undoesWhatAnEarlierSessionDid()
{
    {
        const auto session = open();
        session->edit(addTier());
        session->edit(draw(1.0));
    }
    const auto session = open();
    QCOMPARE(session->annotation().tiers.at(0).segments.size(), std::size_t{ 1 });
    session->undo();
    QTRY_VERIFY(session->annotation().tiers.at(0).segments.empty());
    QVERIFY(session->redoes() == "Draw segment");
    session->redo();
    QTRY_COMPARE(session->annotation().tiers.at(0).segments.size(), std::size_t{ 1 });
    QVERIFY(stored().annotation == session->annotation());
}

void TestLabelSession::keepsTheOrderOfEditsAndUndos()
{
    const auto session = open();
    session->edit(addTier());
    for (int i = 0; i < 5; ++i)
        session->edit(draw(i));
    session->undo();
    session->undo();
    session->edit(draw(10.0));
    session->undo();
    session->redo();
    QTRY_VERIFY(session->isSaved());
    const std::vector<labels::Segment>& segments = session->annotation().tiers.at(0).segments;
    QCOMPARE(segments.size(), std::size_t{ 4 });
    QCOMPARE(segments.back().startSeconds, 10.0);
    QVERIFY(stored().annotation == session->annotation());
}

void TestLabelSession::savesTheRestWhenItIsClosed()
{
    {
        const auto session = open();
        session->edit(addTier());
        for (int i = 0; i < 50; ++i)
            session->edit(draw(i));
    }
    QCOMPARE(stored().annotation.tiers.at(0).segments.size(), std::size_t{ 50 });
}

void TestLabelSession::triesAgainWhileItCannotSave()
{
    const std::filesystem::path away = m_project.string() + "-away";
    const auto session = open();
    std::filesystem::rename(m_project, away);
    QSignalSpy failed(session.get(), &LabelSession::failed);
    session->edit(addTier());
    session->edit(draw(1.0));
    QVERIFY(failed.wait());
    QVERIFY(!session->isSaved());
    QCOMPARE(session->annotation().tiers.at(0).segments.size(), std::size_t{ 1 });
    std::filesystem::rename(away, m_project);
    QTRY_VERIFY_WITH_TIMEOUT(session->isSaved(), 10'000);
    QVERIFY(stored().annotation == session->annotation());
}

void TestLabelSession::readsAgainWhatWasChangedElsewhere()
{
    const auto session = open(), other = open();
    session->edit(addTier());
    QTRY_VERIFY(session->isSaved());
    QSignalSpy failed(other.get(), &LabelSession::failed);
    QSignalSpy reloaded(other.get(), &LabelSession::reloaded);
    other->edit(
        [](const Editing& editing) { return editing.addTier("mine", labels::Source::Hand, ""); });
    QVERIFY(reloaded.wait());
    QCOMPARE(failed.count(), 1);
    QVERIFY(other->annotation() == session->annotation());
    other->edit(draw(3.0));
    QTRY_VERIFY(other->isSaved());
    QCOMPARE(stored().annotation.tiers.at(0).segments.size(), std::size_t{ 1 });
}

void TestLabelSession::refusesWhatCannotBe()
{
    const auto session = open();
    QSignalSpy refused(session.get(), &LabelSession::refused);
    session->edit(draw(1.0));
    QCOMPARE(refused.count(), 1);
    QVERIFY(session->isSaved());
}

void TestLabelSession::writesNothingWhenReadOnly()
{
    const auto session = open(true);
    QSignalSpy refused(session.get(), &LabelSession::refused);
    session->edit(addTier());
    QCOMPARE(refused.count(), 1);
    QVERIFY(!std::filesystem::exists(m_project / "labels.sqlite"));
}

void TestLabelSession::remembersTheReview()
{
    {
        const auto session = open();
        session->setReview(store::ReviewState::Done);
    }
    QVERIFY(open()->review() == store::ReviewState::Done);
}

void TestLabelSession::losesAtMostASecondWhenItIsKilled()
{
    for (const int milliseconds : { 400, 700, 1100 }) {
        QTemporaryDir folder;
        QProcess process;
        process.start(QCoreApplication::applicationFilePath(),
            { QStringLiteral("--draw-for-ever"), folder.path() });
        QVERIFY(process.waitForStarted());
        QVERIFY(process.waitForReadyRead());
        QTest::qWait(milliseconds - 300);
        const auto shown = [&process] {
            return QString::fromLatin1(process.readAllStandardOutput())
                .split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        };
        // What was on the screen a second before the end must be there; here it is asked for more:
        // what was on the screen 300 ms before.
        const QStringList before = shown();
        QTest::qWait(300);
        process.kill();
        QVERIFY(process.waitForFinished());
        const auto labels
            = store::LabelStore::open(folder.path().toStdString(), store::Access::ReadOnly);
        QVERIFY_RESULT(labels);
        const auto document = labels->read(video);
        QVERIFY_RESULT(document);
        QVERIFY(!before.isEmpty());
        const std::size_t saved = document->annotation.tiers.at(0).segments.size();
        QVERIFY2(saved >= before.last().toUInt(),
            qPrintable(QStringLiteral("%1 of %2").arg(saved).arg(before.last())));
    }
}

int main(int count, char** words)
{
    QCoreApplication application(count, words);
    if (count == 3 && std::string_view(words[1]) == "--draw-for-ever")
        return drawForEver(application, words[2]);
    TestLabelSession test;
    return QTest::qExec(&test, count, words);
}
#include "tst_label_session.moc"
