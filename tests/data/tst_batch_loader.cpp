#include "data/batch_loader.h"

#include "data/clip_sampler.h"
#include "support/made_up_films.h"
#include "support/verify.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

#include <fstream>

using namespace clipscope;
using data::BatchLoader;

class TestBatchLoader final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    text::WordPiece m_words = std::move(*text::WordPiece::fromText(test::madeUpVocabulary()));
    std::optional<data::TrainingSet> m_set;

    std::vector<data::ClipPair> pairsOf(std::int64_t epoch) const
    {
        const auto sampler = data::ClipSampler::create({ .pairsPerVideo = 4 });
        std::vector<data::ClipPair> pairs;
        for (std::int64_t index = 0; index < m_set->count(); ++index)
            sampler->sample(m_set->video(index), index, { 1, epoch }, pairs);
        return pairs;
    }

private Q_SLOTS:
    void initTestCase()
    {
        const std::filesystem::path path = m_folder.filePath("a.clipscope").toStdString();
        QVERIFY_RESULT(test::makeFilms(path, { .films = 6 }));
        const auto project = store::Project::open(path, store::Access::ReadOnly);
        QVERIFY_RESULT(project);
        auto set = data::TrainingSet::open(*project, "made-up", m_words, {});
        QVERIFY_RESULT(set);
        m_set = std::move(*set);
    }
    void init() { test::failOnAnyWarning(); }

    void batchesAreThoseOfTheSetInTheOrderTheyWereAskedFor_data()
    {
        QTest::addColumn<int>("threads");
        for (const int threads : { 1, 2, 4 })
            QTest::addRow("%d threads", threads) << threads;
    }
    void batchesAreThoseOfTheSetInTheOrderTheyWereAskedFor()
    {
        QFETCH(int, threads);
        BatchLoader loader(*m_set, 61, threads);
        std::int64_t asked = 0;
        const auto prepare = [&] { loader.prepare(pairsOf(++asked)); };
        for (std::int64_t at = 0; at < BatchLoader::most; ++at)
            prepare();
        for (std::int64_t taken = 1; taken <= 20; ++taken) {
            const auto batch = loader.take();
            QVERIFY_RESULT(batch);
            const auto expected = m_set->batch(pairsOf(taken), 61);
            QVERIFY_RESULT(expected);
            QVERIFY(at::equal(batch->ids, expected->ids));
            QVERIFY(at::equal(batch->textMask, expected->textMask));
            QVERIFY(at::equal(batch->features, expected->features));
            QVERIFY(at::equal(batch->videoMask, expected->videoMask));
            if (asked < 20)
                prepare();
        }
        QCOMPARE(loader.pending(), std::int64_t(0));
        QVERIFY(loader.waitedSeconds() >= 0.0);
    }

    void leavesWithBatchesNobodyTook()
    {
        BatchLoader loader(*m_set, 61, 2);
        for (std::int64_t at = 0; at < BatchLoader::most; ++at)
            loader.prepare(pairsOf(1));
        BatchLoader moved = std::move(loader);
        QVERIFY_RESULT(moved.take());
    }

    void errorsComeWithTheirBatch()
    {
        const std::filesystem::path path = m_folder.filePath("b.clipscope").toStdString();
        QVERIFY_RESULT(test::makeFilms(path, { .films = 2 }));
        const auto project = store::Project::open(path, store::Access::ReadOnly);
        QVERIFY_RESULT(project);
        const auto set = data::TrainingSet::open(*project, "made-up", m_words, {});
        QVERIFY_RESULT(set);
        std::fstream stream(
            path / "captions" / data::captionFingerprint(m_words, {}) / "captions.shard",
            std::ios::in | std::ios::out | std::ios::binary);
        stream.seekp(40); // in the captions of the first film
        stream.put('x');
        stream.close();
        BatchLoader loader(*set, 61);
        loader.prepare({ { 1, 0, 1, 0, 2 } });
        loader.prepare({ { 1, 0, 1, 0, 2 }, { 0, 0, 1, 0, 2 } });
        loader.prepare({ { 1, 1, 2, 0, 2 } });
        QVERIFY_RESULT(loader.take());
        QVERIFY_ERROR(loader.take(), ErrorKind::BadInput);
        QVERIFY_RESULT(loader.take());
    }
};

QTEST_GUILESS_MAIN(TestBatchLoader)
#include "tst_batch_loader.moc"
