#include "base/files.h"
#include "store/feature_shards.h"
#include "support/cli.h"
#include "support/made_up_starter.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QElapsedTimer>
#include <QTemporaryDir>

using namespace clipscope;
using test::runCli;

/// extract, index and search as a user runs them, with a starter of random weights.
class TestSearchVerbs final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY_RESULT(test::writeMadeUpStarter(
            std::filesystem::path(m_models.path().toStdString()) / "starter.safetensors"));
        qputenv("CLIPSCOPE_MODELS", m_models.path().toLocal8Bit());
    }
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        m_project = m_temporary->filePath(QStringLiteral("p.clipscope"));
        QVERIFY(QDir(m_temporary->path()).mkdir(QStringLiteral("films")));
        QCOMPARE(runCli({ QStringLiteral("init"), m_project }).exitCode, 0);
    }
    void goesFromFilmsToMoments();
    void saysWhatIsMissing();
    void tellsAQueryThatCannotBe();
    void goesOnAfterAKill();

private:
    void films(int count, int frames)
    {
        for (int i = 0; i < count; ++i) {
            test::MadeVideo video;
            video.frames = frames;
            video.widthPixels += 2 * i; // the same film twice would be a duplicate
            const auto name = QStringLiteral("films/film%1.mp4").arg(i);
            QVERIFY_RESULT(test::makeVideo(m_temporary->filePath(name).toStdString(), video));
        }
        QCOMPARE(runCli({ QStringLiteral("import"), m_project,
                            m_temporary->filePath(QStringLiteral("films")) })
                     .exitCode,
            0);
    }
    static QString json() { return QStringLiteral("--json"); }

    QTemporaryDir m_models;
    std::unique_ptr<QTemporaryDir> m_temporary;
    QString m_project;
};

void TestSearchVerbs::goesFromFilmsToMoments()
{
    films(3, 60);
    const auto extracted = runCli({ QStringLiteral("extract"), m_project, json() });
    QCOMPARE(extracted.exitCode, 0);
    QCOMPARE(extracted.json()["extracted"].get<int>(), 3);
    QCOMPARE(extracted.json()["seconds"].get<int>(), 9);
    const auto again = runCli({ QStringLiteral("extract"), m_project, json() });
    QCOMPARE(again.json()["known"].get<int>(), 3);
    const auto indexed = runCli({ QStringLiteral("index"), m_project, json() });
    QCOMPARE(indexed.exitCode, 0);
    QCOMPARE(indexed.json()["checkpoint"].get<std::string>(), std::string("starter"));
    const auto found = runCli({ QStringLiteral("search"), m_project, QStringLiteral("a fish"),
        QStringLiteral("--top"), QStringLiteral("2"), json() });
    QCOMPARE(found.exitCode, 0);
    const Json answer = found.json();
    QCOMPARE(answer["query"].get<std::string>(), std::string("a fish"));
    QCOMPARE(answer["checkpoint"].get<std::string>(), std::string("starter"));
    QCOMPARE(answer["moments"].size(), std::size_t(2));
    for (const Json& moment : answer["moments"]) {
        QVERIFY(moment["path"].get<std::string>().find("film") != std::string::npos);
        QVERIFY(moment["start"].get<double>() < moment["stop"].get<double>());
        QVERIFY(moment["stop"].get<double>() <= 2.41);
        QVERIFY(moment.contains("video") && moment.contains("peak") && moment.contains("score"));
    }
    const auto people = runCli({ QStringLiteral("search"), m_project, QStringLiteral("a fish") });
    QVERIFY(people.output.starts_with("Starter: object and scene search"));
    const auto info = runCli({ QStringLiteral("info"), m_project, json() });
    QCOMPARE(
        info.json()["videos"][0]["encoder"].get<std::string>(), std::string("efficientnet-lite0"));
    QCOMPARE(info.json()["checkpoints"][0]["name"].get<std::string>(), std::string("starter"));
}

void TestSearchVerbs::saysWhatIsMissing()
{
    films(1, 30);
    const auto search
        = runCli({ QStringLiteral("search"), m_project, QStringLiteral("a fish"), json() });
    QCOMPARE(search.exitCode, 3);
    QVERIFY(search.errors.find("extract") != std::string::npos
        || search.output.find("extract") != std::string::npos);
    const auto s3d = runCli({ QStringLiteral("extract"), m_project, QStringLiteral("--encoder"),
        QStringLiteral("s3d"), json() });
    QCOMPARE(s3d.exitCode, 3);
    QVERIFY(s3d.json()["error"]["message"].get<std::string>().find("s3d_howto100m.pth")
        != std::string::npos);
    QVERIFY(
        s3d.json()["error"]["hint"].get<std::string>().find("import-weights") != std::string::npos);
    const auto unknown = runCli({ QStringLiteral("search"), m_project, QStringLiteral("a fish"),
        QStringLiteral("--checkpoint"), QStringLiteral("nobody"), json() });
    QCOMPARE(unknown.exitCode, 3);
}

void TestSearchVerbs::tellsAQueryThatCannotBe()
{
    films(1, 30);
    QCOMPARE(runCli({ QStringLiteral("extract"), m_project }).exitCode, 0);
    const auto empty = runCli({ QStringLiteral("search"), m_project, QString(), json() });
    QCOMPARE(empty.exitCode, 2);
    QCOMPARE(empty.json()["error"]["kind"].get<std::string>(), std::string("bad-input"));
    const auto endless = runCli(
        { QStringLiteral("search"), m_project, QStringLiteral("fish ").repeated(10'000), json() });
    QCOMPARE(endless.exitCode, 0);
    QCOMPARE(endless.json()["notes"].size(), std::size_t(1));
}

void TestSearchVerbs::goesOnAfterAKill()
{
    films(30, 150);
    const std::filesystem::path features
        = std::filesystem::path(m_project.toStdString()) / "features" / "efficientnet-lite0";
    QProcess process;
    process.start(
        QString::fromLocal8Bit(qgetenv("CLIPSCOPE_CLI")), { QStringLiteral("extract"), m_project });
    QVERIFY(process.waitForStarted());
    const auto videosThere = [&] {
        const auto reader = store::FeatureReader::open(features);
        return reader ? reader->videoCount() : 0;
    };
    QTRY_VERIFY_WITH_TIMEOUT(videosThere() >= 2, 120'000);
    process.kill();
    QVERIFY(process.waitForFinished());
    const std::int64_t kept = videosThere();
    QVERIFY(kept >= 2);
    const auto resumed = runCli({ QStringLiteral("extract"), m_project, json() });
    QCOMPARE(resumed.exitCode, 0);
    QCOMPARE(resumed.json()["known"].get<std::int64_t>(), kept);
    QCOMPARE(resumed.json()["extracted"].get<std::int64_t>(), 30 - kept);
    const auto reader = store::FeatureReader::open(features);
    QVERIFY_RESULT(reader);
    QCOMPARE(reader->videoCount(), std::int64_t(30));
    QCOMPARE(reader->totalSeconds(), std::int64_t(180));
}

QTEST_GUILESS_MAIN(TestSearchVerbs)
#include "tst_search_verbs.moc"
