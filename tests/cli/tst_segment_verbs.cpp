#include "base/files.h"
#include "labels/editing.h"
#include "labels/label_file.h"
#include "labels/label_set_folder.h"
#include "store/label_store.h"
#include "store/project.h"
#include "support/cli.h"
#include "support/made_up_starter.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QDir>
#include <QTemporaryDir>

#include <cmath>

using namespace clipscope;
using test::runCli;

/// segment as a user runs it, with a starter of random weights.
class TestSegmentVerbs final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void storesAndWritesWhatItPrints();
    void optionsAreThoseOfTheSegmenter();
    void keepsWhatPeopleSaidOfTheSegments();
    void leavesWhatWasDrawnByHand();
    void laterExportsNameTheCheckpoint();
    void storesNothingWithoutATier();
    void givesTheProjectTheLabelSetOnce();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();

private:
    QString file(const char* name) const { return m_folder.filePath(QString::fromLatin1(name)); }
    std::filesystem::path projectFolder() const { return m_project.toStdString(); }
    void write(const char* name, const char* text) const
    {
        QVERIFY_RESULT(writeFileAtomically(file(name).toStdString(), text));
    }
    test::CliAnswer segment(const QStringList& more) const
    {
        return runCli(QStringList{ QStringLiteral("segment"), m_project, QStringLiteral("film") }
            + more + QStringList{ QStringLiteral("--json") });
    }
    QStringList withLabels(const QStringList& more = {}) const
    {
        return QStringList{ QStringLiteral("--labels"), file("things.txt") } + more;
    }
    std::string videoHash() const
    {
        const auto project = store::Project::open(projectFolder(), store::Access::ReadOnly);
        return project->catalogue().videos()->front().contentHash;
    }
    store::LabelDocument document() const
    {
        const auto labels = store::LabelStore::open(projectFolder(), store::Access::ReadOnly);
        return labels->read(videoHash()).value();
    }
    Status edit(const std::function<Result<labels::Edit>(const labels::Editing&)>& make) const
    {
        CLIP_TRY_ASSIGN(
            auto labels, store::LabelStore::open(projectFolder(), store::Access::ReadWrite));
        CLIP_TRY_ASSIGN(const auto before, labels.read(videoHash()));
        const labels::Editing editing(before.annotation, before.nextId, 5.0);
        CLIP_TRY_ASSIGN(const auto made, make(editing));
        CLIP_TRY(labels.apply(videoHash(), before.revision, made));
        return {};
    }

    QTemporaryDir m_folder;
    QString m_project;
};

void TestSegmentVerbs::initTestCase()
{
    QVERIFY_RESULT(test::writeMadeUpStarter(file("starter.safetensors").toStdString()));
    qputenv("CLIPSCOPE_MODELS", m_folder.path().toLocal8Bit());
    QVERIFY(QDir(m_folder.path()).mkdir(QStringLiteral("films")));
    test::MadeVideo video;
    video.frames = 120;
    QVERIFY_RESULT(test::makeVideo(file("films/film.mp4").toStdString(), video));
    write("things.txt", "fish\nboat = a boat | here is a boat\nlamp\n");
    write("many.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n");
    write("none.txt", "");
    m_project = file("p.clipscope");
    QCOMPARE(runCli({ QStringLiteral("init"), m_project }).exitCode, 0);
    QCOMPARE(runCli({ QStringLiteral("import"), m_project, file("films") }).exitCode, 0);
    QCOMPARE(runCli({ QStringLiteral("extract"), m_project }).exitCode, 0);
}

void TestSegmentVerbs::init()
{
    test::failOnAnyWarning();
    std::filesystem::remove(projectFolder() / "labels.sqlite");
    std::filesystem::remove_all(labels::labelSetsFolder(projectFolder()));
}

void TestSegmentVerbs::storesAndWritesWhatItPrints()
{
    const auto answer = segment(
        withLabels({ QStringLiteral("--every-second"), QStringLiteral("--eaf"), file("o.eaf"),
            QStringLiteral("--vtt"), file("o.vtt"), QStringLiteral("--csv"), file("o.csv") }));
    QCOMPARE(answer.exitCode, 0);
    const Json json = answer.json();
    QCOMPARE(json["checkpoint"].get<std::string>(), std::string("starter"));
    QCOMPARE(json["label_set"].get<std::string>(), std::string("things"));
    QCOMPARE(json["labels"].size(), std::size_t(3));
    QCOMPARE(json["labels"][1]["threshold"], json["threshold"]);
    QCOMPARE(json["margins"].size(), json["seconds"].get<std::size_t>());
    const Json& segments = json["segments"];
    QVERIFY(!segments.empty());
    QCOMPARE(segments.front()["start"].get<double>(), 0.0);

    const store::LabelDocument stored = document();
    const labels::Tier* tier = stored.annotation.tier("model");
    QVERIFY(tier != nullptr);
    QVERIFY(tier->source == labels::Source::Model);
    QCOMPARE(tier->labelSet, std::string("things"));
    QCOMPARE(tier->segments.size(), segments.size());
    const labels::ReadOptions plain;
    for (const char* name : { "o.eaf", "o.vtt", "o.csv" }) {
        const std::filesystem::path path = file(name).toStdString();
        const auto read = labels::readLabels(path, labels::guessFormat(path).value(), plain);
        QVERIFY_RESULT(read);
        QCOMPARE(read->videos.size(), std::size_t(1));
        const auto& tiers = read->videos[0].annotation.tiers;
        QCOMPARE(tiers.size(), std::size_t(1));
        QCOMPARE(tiers[0].name, std::string("model"));
        QCOMPARE(tiers[0].segments.size(), segments.size());
        for (std::size_t i = 0; i < segments.size(); ++i) {
            const labels::Segment& written = tiers[0].segments[i];
            QCOMPARE(written.label, segments[i]["label"].get<std::string>());
            QVERIFY(std::abs(written.startSeconds - segments[i]["start"].get<double>()) < 1e-3);
            QVERIFY(std::abs(written.stopSeconds - segments[i]["stop"].get<double>()) < 1e-3);
            QCOMPARE(tier->segments[i].label, written.label);
        }
    }
}

void TestSegmentVerbs::optionsAreThoseOfTheSegmenter()
{
    // Above everything: nothing is labelled.
    const auto high = segment(withLabels({ QStringLiteral("--threshold"), QStringLiteral("99") }));
    QCOMPARE(high.exitCode, 0);
    QVERIFY(high.json()["segments"].empty());
    QCOMPARE(high.json()["threshold"].get<double>(), 99.0);
    const auto whole = segment(withLabels({ QStringLiteral("--every-second"),
        QStringLiteral("--minimum"), QStringLiteral("60"), QStringLiteral("--smoothing"),
        QStringLiteral("3"), QStringLiteral("--change-cost"), QStringLiteral("1.5") }));
    QCOMPARE(whole.json()["segments"].size(), std::size_t(1));
    const Json ordered = segment(withLabels({ QStringLiteral("--ordered") })).json();
    QStringList names;
    for (const Json& each : ordered["segments"])
        names += QString::fromStdString(each["label"].get<std::string>());
    QCOMPARE(names,
        (QStringList{ QStringLiteral("fish"), QStringLiteral("boat"), QStringLiteral("lamp") }));
    const auto tooMany
        = segment({ QStringLiteral("--labels"), file("many.txt"), QStringLiteral("--ordered") });
    QCOMPARE(tooMany.exitCode, 0);
    QVERIFY(tooMany.json()["segments"].empty());
    QCOMPARE(tooMany.json()["notes"].size(), std::size_t(1));
}

void TestSegmentVerbs::keepsWhatPeopleSaidOfTheSegments()
{
    const QStringList options = withLabels({ QStringLiteral("--every-second") });
    QCOMPARE(segment(options).exitCode, 0);
    QVERIFY_RESULT(edit([this](const labels::Editing& editing) {
        const std::int64_t id = document().annotation.tier("model")->segments.front().id;
        return editing.reject({ &id, 1 });
    }));
    QCOMPARE(segment(options).exitCode, 0);
    const auto stored = document();
    QCOMPARE(stored.annotation.tiers.size(), std::size_t(1));
    QVERIFY(stored.annotation.tiers[0].segments.front().verdict == labels::Verdict::Rejected);
}

void TestSegmentVerbs::leavesWhatWasDrawnByHand()
{
    QVERIFY_RESULT(edit([](const labels::Editing& editing) {
        labels::Tier tier{ 0, "mine", labels::Source::Hand, {}, {} };
        tier.segments.resize(1);
        tier.segments[0].stopSeconds = 1.0;
        tier.segments[0].label = "fish";
        return editing.replaceTier(tier, false);
    }));
    const auto before = document();
    const auto answer = segment(withLabels({ QStringLiteral("--tier"), QStringLiteral("mine") }));
    QCOMPARE(answer.exitCode, 6);
    QVERIFY(document() == before);
    QCOMPARE(
        segment(withLabels({ QStringLiteral("--tier"), QStringLiteral("other") })).exitCode, 0);
    QCOMPARE(document().annotation.tiers.size(), std::size_t(2));
}

void TestSegmentVerbs::laterExportsNameTheCheckpoint()
{
    QCOMPARE(segment(withLabels()).exitCode, 0);
    const std::string checkpoint = document().annotation.tiers.front().checkpoint;
    QVERIFY(!checkpoint.empty());
    QCOMPARE(runCli({ QStringLiteral("labels"), QStringLiteral("export"), m_project,
                        QStringLiteral("film"), QStringLiteral("--format"), QStringLiteral("vtt"),
                        file("later.vtt") })
                 .exitCode,
        0);
    const auto written = readFile(file("later.vtt").toStdString());
    QVERIFY_RESULT(written);
    QVERIFY(written->find(checkpoint) != std::string::npos);
}

void TestSegmentVerbs::storesNothingWithoutATier()
{
    const auto answer = segment(withLabels({ QStringLiteral("--tier"), QString() }));
    QCOMPARE(answer.exitCode, 0);
    QVERIFY(answer.json()["tier"].is_null());
    QVERIFY(document().annotation.tiers.empty());
}

void TestSegmentVerbs::givesTheProjectTheLabelSetOnce()
{
    const Json first = segment(withLabels()).json();
    QVERIFY(first["label_set_stored"].get<bool>());
    const auto set = labels::labelSetNamed(labels::labelSetsFolder(projectFolder()), "things");
    QVERIFY_RESULT(set);
    QCOMPARE(set->labels[1].wordings.size(), std::size_t(2));
    // Now it has a name that says the same.
    const Json again = segment({ QStringLiteral("--labels"), QStringLiteral("things") }).json();
    QVERIFY(!again["label_set_stored"].get<bool>());
    QVERIFY(again["notes"].empty());
    QVERIFY(again["segments"] == first["segments"]);
    // Another set of that name stays away.
    QVERIFY(QDir(m_folder.path()).mkpath(QStringLiteral("other")));
    write("other/things.txt", "fish\nboat\n");
    const Json other = segment({ QStringLiteral("--labels"), file("other/things.txt") }).json();
    QVERIFY(!other["label_set_stored"].get<bool>());
    QCOMPARE(other["notes"].size(), std::size_t(1));
    QVERIFY(*labels::labelSetNamed(labels::labelSetsFolder(projectFolder()), "things") == *set);
}

void TestSegmentVerbs::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("video");
    QTest::addColumn<QString>("labels");
    QTest::addColumn<QString>("threshold");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QString>("said");
    QTest::newRow("video") << "firm"
                           << "things.txt"
                           << "auto" << 3 << "film.mp4";
    QTest::newRow("no such file") << "film"
                                  << "missing.txt"
                                  << "auto" << 3 << "missing.txt";
    QTest::newRow("no labels") << "film"
                               << "none.txt"
                               << "auto" << 2 << "no label";
    QTest::newRow("threshold") << "film"
                               << "things.txt"
                               << "half" << 2 << "half";
}

void TestSegmentVerbs::saysWhatIsWrong()
{
    QFETCH(QString, video);
    QFETCH(QString, labels);
    QFETCH(QString, threshold);
    QFETCH(int, exitCode);
    QFETCH(QString, said);
    const auto answer = runCli({ QStringLiteral("segment"), m_project, video,
        QStringLiteral("--labels"), m_folder.filePath(labels), QStringLiteral("--threshold"),
        threshold, QStringLiteral("--json") });
    QCOMPARE(answer.exitCode, exitCode);
    QVERIFY(answer.output.find(said.toStdString()) != std::string::npos);
    QVERIFY(document().annotation.tiers.empty());
}

QTEST_GUILESS_MAIN(TestSegmentVerbs)
#include "tst_segment_verbs.moc"
