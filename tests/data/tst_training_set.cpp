#include "data/training_set.h"

#include "base/files.h"
#include "support/made_up_films.h"
#include "support/verify.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

#include <fstream>

#include <sys/stat.h>

using namespace clipscope;
using data::TrainingSet;

namespace {

std::vector<std::int32_t> idsOf(const TrainingSet& set)
{
    const auto ids = set.video(0).captions[0].ids;
    return { ids.begin(), ids.end() };
}

} // namespace

class TestTrainingSet final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    text::WordPiece m_words = std::move(*text::WordPiece::fromText(test::madeUpVocabulary()));
    std::filesystem::path project(const char* name) const
    {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void takesFilmsWithCaptionsAndFeatures()
    {
        const auto path = project("a.clipscope");
        QVERIFY_RESULT(test::makeFilms(path, { .films = 3 }));
        {
            auto opened = store::Project::open(path, store::Access::ReadWrite);
            QVERIFY_RESULT(opened);
            store::NewVideo silent, later;
            silent.record.path = "/films/silent.mp4";
            silent.record.contentHash = "silent";
            later.record.path = "/films/later.mp4";
            later.record.contentHash = "later";
            later.captions.push_back({ 0.0, 1.0, "a fish", "x.srt" });
            QVERIFY_RESULT(opened->catalogue().addVideo(silent));
            QVERIFY_RESULT(opened->catalogue().addVideo(later));
        }
        const auto opened = store::Project::open(path, store::Access::ReadOnly);
        QVERIFY_RESULT(opened);
        const auto set = TrainingSet::open(*opened, "made-up", m_words, {});
        QVERIFY_RESULT(set);
        QCOMPARE(set->count(), std::int64_t(3));
        QCOMPARE(set->withoutCaptions(), std::int64_t(1));
        QCOMPARE(set->withoutFeatures(), std::int64_t(1));
        QCOMPARE(set->featureWidth(), std::int64_t(16));
        QCOMPARE(set->video(0).seconds, std::int64_t(16));
        QCOMPARE(set->video(0).captions.size(), std::size_t(4));
        QCOMPARE(set->video(0).captions[0].ids.size(), std::size_t(4));
    }

    void batchesArePaddedToTheirLongestRow()
    {
        const auto path = project("b.clipscope");
        QVERIFY_RESULT(test::makeFilms(path, { .films = 2 }));
        const auto opened = store::Project::open(path, store::Access::ReadOnly);
        QVERIFY_RESULT(opened);
        const auto set = TrainingSet::open(*opened, "made-up", m_words, {});
        QVERIFY_RESULT(set);
        const std::vector<data::ClipPair> pairs{ { 0, 0, 1, 2, 5 }, { 1, 1, 4, 0, 8 } };
        const auto made = set->batch(pairs, 61);
        QVERIFY_RESULT(made);
        const data::Batch& batch = *made;
        QVERIFY(batch.ids.sizes() == (std::vector<std::int64_t>{ 2, 14 }));
        QVERIFY(batch.features.sizes() == (std::vector<std::int64_t>{ 2, 8, 16 }));
        const auto row = [&](int at) {
            const auto* ids = batch.ids[at].const_data_ptr<std::int64_t>();
            return std::vector<std::int64_t>(ids, ids + 14);
        };
        const auto first = row(0);
        QCOMPARE(first[0], std::int64_t(2));
        QCOMPARE(first[1], std::int64_t(5));
        QCOMPARE(first[5], std::int64_t(3));
        QCOMPARE(first[6], std::int64_t(0));
        QCOMPARE(batch.textMask.sum(1)[0].item<int>(), 6);
        QCOMPARE(batch.textMask.sum(1)[1].item<int>(), 14);
        QCOMPARE(batch.videoMask.sum(1)[0].item<int>(), 3);
        QCOMPARE(batch.videoMask.sum(1)[1].item<int>(), 8);
        QVERIFY(batch.features[0].slice(0, 3, 8).abs().sum().item<float>() == 0.0f);

        const auto features = store::FeatureReader::open(opened->featuresFolder("made-up"));
        QVERIFY_RESULT(features);
        const auto view = features->find(set->video(0).videoId);
        QVERIFY(view.has_value());
        QCOMPARE(batch.features[0][1][7].item<float>(), floatFromHalf(view->halves[3 * 16 + 7]));

        const auto cut = set->batch(pairs, 5);
        QVERIFY_RESULT(cut);
        QCOMPARE(cut->ids.size(1), std::int64_t(7));
        QCOMPARE(cut->ids[1][6].item<int>(), 3);
    }

    void captionsAreCutToCharactersThenToTokens()
    {
        const auto path = project("c.clipscope");
        QVERIFY_RESULT(test::makeFilms(path, { .films = 1 }));
        const auto opened = store::Project::open(path, store::Access::ReadOnly);
        QVERIFY_RESULT(opened);
        const auto byTokens = TrainingSet::open(*opened, "made-up", m_words, { .maxTokens = 3 });
        QVERIFY_RESULT(byTokens);
        QCOMPARE(idsOf(*byTokens), (std::vector<std::int32_t>{ 5, 6, 7 }));
        const auto byCharacters
            = TrainingSet::open(*opened, "made-up", m_words, { .maxCharacters = 6 });
        QVERIFY_RESULT(byCharacters);
        QCOMPARE(idsOf(*byCharacters), (std::vector<std::int32_t>{ 5, 1 }));
    }

    void tokenisesCaptionsAgainOnlyWhenTheyChanged()
    {
        const auto path = project("f.clipscope");
        QVERIFY_RESULT(test::makeFilms(path, { .films = 3 }));
        const auto shardOf = [&](const data::CaptionConfig& config) {
            return path / "captions" / data::captionFingerprint(m_words, config) / "captions.shard";
        };
        const auto open = [&](const data::CaptionConfig& config = {}) {
            return TrainingSet::open(
                *store::Project::open(path, store::Access::ReadOnly), "made-up", m_words, config);
        };
        const auto inode = [&] {
            struct stat status = {};
            return ::stat(shardOf({}).c_str(), &status) == 0 ? status.st_ino : 0;
        };
        const auto first = open();
        QVERIFY_RESULT(first);
        const auto made = inode();
        QVERIFY(made != 0);
        QVERIFY_RESULT(open());
        QCOMPARE(inode(), made);
        QVERIFY_RESULT(open({ .maxTokens = 2 }));
        QVERIFY(std::filesystem::exists(shardOf({ .maxTokens = 2 })));
        QCOMPARE(inode(), made);

        const std::int64_t changed = first->video(1).videoId;
        {
            auto opened = store::Project::open(path, store::Access::ReadWrite);
            QVERIFY_RESULT(opened);
            const std::vector<store::CaptionRecord> captions{ { 1.0, 2.0, "a boat", "b.srt" } };
            QVERIFY_RESULT(opened->catalogue().setCaptions(changed, "b.srt", captions));
        }
        const auto second = open();
        QVERIFY_RESULT(second);
        QVERIFY(inode() != made);
        QCOMPARE(second->video(1).captions.size(), std::size_t(5));
        QCOMPARE(first->video(1).captions.size(), std::size_t(4)); // still what it was opened with

        auto bytes = readFile(shardOf({}));
        QVERIFY_RESULT(bytes);
        (*bytes)[40] = static_cast<char>((*bytes)[40] ^ 1);
        QVERIFY_RESULT(writeFileAtomically(shardOf({}), *bytes));
        const auto damaged = inode();
        QVERIFY_RESULT(open());
        QVERIFY(inode() != damaged);
    }

    void captionsThatChangeOnDiskAreAnErrorOfTheirBatch()
    {
        const auto path = project("g.clipscope");
        QVERIFY_RESULT(test::makeFilms(path, { .films = 2 }));
        const auto opened = store::Project::open(path, store::Access::ReadOnly);
        QVERIFY_RESULT(opened);
        const auto set = TrainingSet::open(*opened, "made-up", m_words, {});
        QVERIFY_RESULT(set);
        const auto file
            = path / "captions" / data::captionFingerprint(m_words, {}) / "captions.shard";
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekp(40);
        stream.put('x');
        stream.close();
        const std::vector<data::ClipPair> pairs{ { 0, 0, 1, 2, 5 } }, other{ { 1, 0, 1, 2, 5 } };
        QVERIFY_ERROR(set->batch(pairs, 61), ErrorKind::BadInput);
        QVERIFY_RESULT(set->batch(other, 61));
    }

    void saysWhatIsMissing()
    {
        const auto path = project("d.clipscope");
        QVERIFY_RESULT(store::Project::create(path));
        const auto opened = store::Project::open(path, store::Access::ReadOnly);
        QVERIFY_RESULT(opened);
        QVERIFY_ERROR(TrainingSet::open(*opened, "made-up", m_words, {}), ErrorKind::NotFound);
        const auto other = project("e.clipscope");
        QVERIFY_RESULT(test::makeFilms(other, { .films = 1, .scenes = 0 }));
        const auto empty = store::Project::open(other, store::Access::ReadOnly);
        QVERIFY_RESULT(empty);
        const auto set = TrainingSet::open(*empty, "made-up", m_words, {});
        QVERIFY_ERROR(set, ErrorKind::NotFound);
        QVERIFY(set.error().hint.find("--captions") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestTrainingSet)
#include "tst_training_set.moc"
