#include "base/random.h"
#include "model/contrast.h"
#include "model/video_clip.h"
#include "support/verify.h"

#include <torch/types.h>

#include <cmath>

using namespace clipscope;

class TestContrast final : public QObject
{
    Q_OBJECT

private:
    static double largest(const at::Tensor& difference)
    {
        return difference.abs().max().item<double>();
    }

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void tilesGiveTheLossAndGradientsOfTheWholeBatch_data()
    {
        QTest::addColumn<int>("pairs");
        QTest::addColumn<int>("tileRows");
        QTest::newRow("a row at a time") << 13 << 1;
        QTest::newRow("tiles that do not divide") << 17 << 5;
        QTest::newRow("one tile") << 17 << 64;
        QTest::newRow("many pairs") << 700 << 128;
    }

    void tilesGiveTheLossAndGradientsOfTheWholeBatch()
    {
        QFETCH(int, pairs);
        QFETCH(int, tileRows);
        torch::manual_seed(3);
        const auto video = torch::randn({ pairs, 24 }).requires_grad_(true);
        const auto text = torch::randn({ pairs, 24 }).requires_grad_(true);
        const auto whole = model::contrastiveLoss(video, text);
        whole.total.backward();
        const auto tiled = model::contrast(video, text, tileRows);
        QVERIFY(std::abs(tiled.videoToText - whole.videoToText.item<double>()) < 1e-5);
        QVERIFY(std::abs(tiled.textToVideo - whole.textToVideo.item<double>()) < 1e-5);
        QVERIFY(std::abs(tiled.losses.mean().item<double>() - whole.total.item<double>()) < 1e-5);
        QVERIFY(largest(tiled.videoGradient - video.grad()) < 1e-6);
        QVERIFY(largest(tiled.textGradient - text.grad()) < 1e-6);
    }

    void marginsAreToTheHardestOtherVideo()
    {
        // Scores, rows texts: { 4, 1 } and { 6, 2 }.
        const auto text = torch::tensor({ { 4.0F, 1.0F }, { 6.0F, 2.0F } });
        const auto found = model::contrast(torch::eye(2), text);
        QCOMPARE(found.margins[0].item<float>(), 3.0F);
        QCOMPARE(found.margins[1].item<float>(), -4.0F);
        QVERIFY(std::isinf(model::contrast(torch::ones({ 1, 2 }), torch::ones({ 1, 2 }))
                               .margins[0]
                               .item<float>()));
    }

    void largeScoresDoNotOverflow()
    {
        const auto side = torch::eye(4) * 40.0; // scores of 1600
        const auto found = model::contrast(side, side, 2);
        QVERIFY(std::abs(found.videoToText + found.textToVideo) < 1e-4);
        QVERIFY(std::isfinite(largest(found.videoGradient)));
    }
};

QTEST_GUILESS_MAIN(TestContrast)
#include "tst_contrast.moc"
