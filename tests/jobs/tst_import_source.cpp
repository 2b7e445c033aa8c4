#include "jobs/import_source.h"

#include "base/files.h"
#include "data/epoch.h"
#include "data/named_source.h"
#include "data/training_set.h"
#include "jobs/clusters.h"
#include "jobs/pretrain.h"
#include "store/project.h"
#include "support/made_up_films.h"
#include "support/verify.h"
#include "tensor/npy.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

#include <fstream>

using namespace clipscope;
namespace fs = std::filesystem;

namespace {

/// Asks to stop when a phase has got far enough.
class Stopper final : public ProgressSink
{
public:
    explicit Stopper(std::stop_source& stop, std::int64_t at)
        : m_stop(stop)
        , m_at(at)
    {
    }
    void report(const Progress& progress) override
    {
        if (progress.done >= m_at)
            m_stop.request_stop();
    }

private:
    std::stop_source& m_stop;
    std::int64_t m_at;
};

} // namespace

class TestImportSource final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    jobs::ImportSettings m_settings;

    fs::path path(const char* name) const
    {
        return m_folder->filePath(QString::fromLatin1(name)).toStdString();
    }
    void write(const fs::path& file, const std::string& text) const
    {
        QVERIFY_RESULT(writeFileAtomically(file, text));
    }
    fs::path sourceFolder() const { return m_settings.project / "captions" / "howto100m"; }
    std::vector<std::string> filesOfSource() const
    {
        std::vector<std::string> names;
        if (fs::exists(sourceFolder()))
            for (const auto& entry : fs::directory_iterator(sourceFolder()))
                names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }
    /// Videos v0.. of four captions with rolling repetition, and their features.
    void makeSource(int videos) const
    {
        std::string json = "{";
        fs::create_directories(m_settings.features);
        for (int at = 0; at < videos; ++at) {
            const std::string id = std::string("v").append(std::to_string(at));
            json += at > 0 ? ", \"" : "\"";
            json += id + "\": ";
            json += R"({"start": [0, 2, 4, 6], "end": [3, 5, 7, 9],
                "text": ["here is a fish", "a fish is a boat", "boat", "here is bread"]})";
            const auto features = at::ones({ 10, 16 }, at % 2 == 0 ? at::kHalf : at::kFloat) * at;
            QVERIFY_RESULT(tensor::writeNpy(m_settings.features / (id + ".npy"), features));
        }
        write(m_settings.howto100m, json + "}");
    }
    Result<data::TrainingSet> open(std::int64_t tokens = 32) const
    {
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(m_settings.project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(const auto words, text::WordPiece::load(path("vocab.txt")));
        return data::TrainingSet::openSource(project, "howto100m", words, { .maxTokens = tokens });
    }

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_folder = std::make_unique<QTemporaryDir>();
        m_settings = {};
        m_settings.project = path("p.clipscope");
        m_settings.howto100m = path("raw_caption.json");
        m_settings.features = path("features");
        m_settings.vocabulary = utf8(path("vocab.txt"));
        write(path("vocab.txt"), test::madeUpVocabulary());
        QVERIFY_RESULT(store::Project::create(m_settings.project));
    }

    void captionsAndFeaturesBecomeATrainingSet()
    {
        makeSource(6);
        const auto report = jobs::runImportSource(m_settings, {});
        QVERIFY_RESULT(report);
        QCOMPARE(report->videos, std::int64_t(6));
        QCOMPARE(report->skippedCount, std::int64_t(0));
        QVERIFY(report->features.has_value());
        QCOMPARE(report->features->videos, std::int64_t(6));
        QCOMPARE(report->features->seconds, std::int64_t(60));
        QCOMPARE(report->features->width, std::int64_t(16));
        const auto set = open();
        QVERIFY_RESULT(set);
        QCOMPARE(set->count(), std::int64_t(6));
        QCOMPARE(set->encoder(), std::string("s3d"));
        const data::CaptionedVideo video = set->video(3);
        QCOMPARE(video.name, std::string_view("v3"));
        QCOMPARE(video.contentHash, std::string_view("v3"));
        QCOMPARE(video.videoId, data::videoIdOf("v3"));
        QCOMPARE(video.seconds, std::int64_t(10));
        QVERIFY(video.captions.size() >= 2 && video.captions.size() <= 3); // "boat" was said
        std::size_t words = 0;
        for (std::size_t at = 0; at < video.captions.size(); ++at)
            words += video.captions[at].ids.size();
        QVERIFY2(words == 10, qPrintable(QString::number(words))); // "a fish" only once
        const std::vector<data::ClipPair> pairs{ { 3, 0, 1, 2, 5 }, { 4, 0, 1, 0, 10 } };
        const auto batch = set->batch(pairs, 61);
        QVERIFY_RESULT(batch);
        QCOMPARE(batch->features[0][0][7].item<float>(), 3.0f);
        QCOMPARE(batch->features[0][3][7].item<float>(), 0.0f);
        QCOMPARE(batch->features[1][9][15].item<float>(), 4.0f);
    }

    void theSplitFollowsTheIdsAlone()
    {
        makeSource(40);
        QVERIFY_RESULT(jobs::runImportSource(m_settings, {}));
        const auto set = open();
        QVERIFY_RESULT(set);
        const auto split = data::splitOf(*set, 5, 0.3, 1);
        QVERIFY(split.validation.size() > 4 && split.validation.size() < 20);
        for (const std::int64_t index : split.validation)
            QVERIFY(data::isValidation(set->video(index).name, 5, 0.3));
    }

    void badVideosAndFilesAreNamed()
    {
        makeSource(5);
        write(m_settings.howto100m,
            R"({"v0": {"start": [0, 5], "end": [2, 1], "text": ["a fish", "a boat"]},
                "v0": {"start": [0], "end": [2], "text": ["a fish"]},
                "v1": {"start": [0], "end": [2, 3], "text": ["a fish"]},
                "v2": {"start": [0], "end": [2], "text": ["a fish"]},
                "v3": {"start": [0], "end": [2], "text": ["a fish"]},
                "v4": {"start": [0], "end": [2], "text": ["a fish"]},
                "v6": {"start": [0], "end": [2], "text": ["a fish"]},
                "v5": {"start": [0], "end": [2], "text": ["a fish"]},
                "../v0": {"start": [0], "end": [2], "text": ["a fish"]},
                "mute": {"start": [0], "end": [2], "text": [""]}})");
        QVERIFY_RESULT(tensor::writeNpy(m_settings.features / "v2.npy", at::ones({ 10, 8 })));
        QVERIFY_RESULT(tensor::writeNpy(m_settings.features / "v6.npy", at::ones({ 7, 16 })));
        write(m_settings.features / "v3.npy", "no array");
        QVERIFY_RESULT(tensor::writeNpy(m_settings.features / "v4.npy", at::ones({ 0, 16 })));
        const auto report = jobs::runImportSource(m_settings, {});
        QVERIFY_RESULT(report);
        QCOMPARE(report->withoutCaptions, std::int64_t(1));
        QCOMPARE(report->videos, std::int64_t(7));
        QCOMPARE(report->features->videos, std::int64_t(2));
        std::string reasons;
        for (const Error& error : report->skipped)
            reasons += error.toString() + "\n";
        for (const char* part : { "Caption 1 of \"v0\"", "\"v0\" stands there twice", "\"v1\"",
                 "v2.npy", "v3.npy", "v4.npy", "v5.npy", "\"../v0\"" })
            QVERIFY2(reasons.find(part) != std::string::npos, reasons.c_str());
        QCOMPARE(report->skippedCount, std::int64_t(8));
        const auto set = open();
        QVERIFY_RESULT(set);
        QCOMPARE(set->count(), std::int64_t(2));
        QCOMPARE(set->withoutFeatures(), std::int64_t(5));
    }

    void brokenJsonLeavesWhatWasThere()
    {
        makeSource(3);
        QVERIFY_RESULT(jobs::runImportSource(m_settings, {}));
        const auto before = filesOfSource();
        auto json = readFile(m_settings.howto100m);
        QVERIFY_RESULT(json);
        write(m_settings.howto100m, json->substr(0, json->size() - 3));
        const auto report = jobs::runImportSource(m_settings, {});
        QVERIFY_ERROR(report, ErrorKind::BadInput);
        QVERIFY(report.error().place.where.find("column") != std::string::npos);
        QCOMPARE(filesOfSource(), before);
        const auto set = open();
        QVERIFY_RESULT(set);
        QCOMPARE(set->count(), std::int64_t(3));
    }

    void aStoppedImportLeavesNothing()
    {
        makeSource(3);
        // Long enough to be read in several pieces.
        std::string json = "{";
        for (int at = 0; at < 60'000; ++at) {
            json += at > 0 ? ", \"v" : "\"v";
            json += std::to_string(at) + "\": ";
            json += R"({"start": [0], "end": [3], "text": ["here is a fish"]})";
        }
        write(m_settings.howto100m, json + "}");
        std::stop_source stop;
        Stopper stopper(stop, 1);
        QVERIFY_ERROR(
            jobs::runImportSource(m_settings, { stop.get_token(), stopper }), ErrorKind::Cancelled);
        QCOMPARE(filesOfSource(), std::vector<std::string>{ "lock" });
    }

    void whatAKilledImportLeftIsRemoved()
    {
        makeSource(3);
        fs::create_directories(sourceFolder());
        write(sourceFolder() / "captions.shard.aB3dE9", "half");
        QVERIFY_RESULT(jobs::runImportSource(m_settings, {}));
        QCOMPARE(filesOfSource(),
            (std::vector<std::string>{ "captions.shard", "features.list", "lock" }));
    }

    void oneImportAtATime()
    {
        makeSource(1);
        fs::create_directories(sourceFolder());
        const auto lock = FileLock::acquire(sourceFolder() / "lock");
        QVERIFY_RESULT(lock);
        QVERIFY_ERROR(jobs::runImportSource(m_settings, {}), ErrorKind::Conflict);
    }

    void nothingStaleIsTrainedOn()
    {
        QVERIFY_ERROR(open(), ErrorKind::NotFound);
        makeSource(3);
        auto captions = m_settings;
        captions.features.clear();
        QVERIFY_RESULT(jobs::runImportSource(captions, {}));
        QVERIFY_ERROR(open(), ErrorKind::NotFound); // no features yet
        auto features = m_settings;
        features.howto100m.clear();
        QVERIFY_RESULT(jobs::runImportSource(features, {}));
        QVERIFY_RESULT(open());
        QVERIFY_ERROR(open(7), ErrorKind::Conflict); // captions are cut elsewhere
        write(m_settings.howto100m, R"({"v1": {"start": [0], "end": [2], "text": ["a fish"]}})");
        QVERIFY_RESULT(jobs::runImportSource(captions, {}));
        QVERIFY_ERROR(open(), ErrorKind::Conflict); // the features are of other captions
        QVERIFY_RESULT(jobs::runImportSource(features, {}));
        QVERIFY_RESULT(open());
    }

    void featuresThatChangeAreAnErrorOfTheirBatch()
    {
        makeSource(4);
        QVERIFY_RESULT(jobs::runImportSource(m_settings, {}));
        const auto set = open();
        QVERIFY_RESULT(set);
        const auto batch = [&](std::int64_t video) {
            const std::vector<data::ClipPair> pairs{ { video, 0, 1, 0, 2 } };
            return set->batch(pairs, 61);
        };
        fs::remove(m_settings.features / "v0.npy");
        const auto gone = batch(0);
        QVERIFY_ERROR(gone, ErrorKind::NotFound);
        QVERIFY(gone.error().place.file.filename() == "v0.npy");
        QVERIFY_RESULT(tensor::writeNpy(m_settings.features / "v1.npy", at::ones({ 9, 16 })));
        QVERIFY_ERROR(batch(1), ErrorKind::BadInput);
        write(m_settings.features / "v2.npy", "\x93NUMPY");
        QVERIFY_ERROR(batch(2), ErrorKind::BadInput);
        QVERIFY_RESULT(batch(3));
    }

    void theListOfFeaturesIsReadWholeOrNotAtAll()
    {
        const store::AdoptedFeatures features{ "/a/b", "s3d", "content", 512, { 1, 0, 7 } };
        const auto file = path("features.list");
        QVERIFY_RESULT(store::writeAdoptedFeatures(file, features));
        const auto read = store::readAdoptedFeatures(file);
        QVERIFY_RESULT(read);
        QVERIFY(*read == features);
        const auto bytes = readFile(file);
        QVERIFY_RESULT(bytes);
        for (std::size_t at = 0; at < bytes->size(); ++at) {
            write(file, bytes->substr(0, at));
            QVERIFY_ERROR(store::readAdoptedFeatures(file), ErrorKind::BadInput);
            std::string changed = *bytes;
            changed[at] = static_cast<char>(changed[at] ^ 0x11);
            write(file, changed);
            QVERIFY(!store::readAdoptedFeatures(file));
        }
    }

    void trainsOnIt()
    {
        makeSource(8);
        QVERIFY_RESULT(jobs::runImportSource(m_settings, {}));
        jobs::PretrainSettings settings;
        settings.project = m_settings.project;
        settings.source = jobs::PretrainSource::HowTo100m;
        settings.vocabulary = m_settings.vocabulary;
        settings.width = 32;
        settings.feedForward = 64;
        settings.heads = 4;
        settings.videoLayers = settings.textLayers = 1;
        settings.videoSecondsHigh = 8;
        settings.steps = 3;
        settings.device = tensor::DeviceWish::Cpu;
        const auto report = jobs::runPretrain(settings, {});
        QVERIFY_RESULT(report);
        QCOMPARE(report->steps, std::int64_t(3));
        QCOMPARE(report->trainingVideos + report->validationVideos, std::int64_t(8));

        // Its clusters have the names and words of the source; none is in the catalogue.
        const auto clusters = jobs::readClusters(settings.project, report->run, {});
        QVERIFY_RESULT(clusters);
        QVERIFY(!clusters->clusters.empty());
        for (const jobs::ClusterReport& cluster : clusters->clusters) {
            for (const jobs::ClusterVideo& video : cluster.candidates) {
                QCOMPARE(data::videoIdOf(video.name), video.id);
                QVERIFY(video.name.starts_with("v") && video.path.empty());
            }
            QVERIFY(!cluster.pairs.empty());
            for (const jobs::ClusterPair& pair : cluster.pairs)
                QVERIFY2(pair.text.find("fish") != std::string::npos, pair.text.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestImportSource)
#include "tst_import_source.moc"
