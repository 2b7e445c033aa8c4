#include "base/json.h"
#include "retrieval/neighbours.h"
#include "support/verify.h"
#include "tensor/tensor_file.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>

using namespace clipscope;

/// The neighbours that the reference's retriever found, by fixture retrieval_pool.
class TestRetrievalPool final : public QObject
{
    Q_OBJECT

private:
    std::filesystem::path m_folder;

private Q_SLOTS:
    void initTestCase()
    {
        m_folder = test::fixturesFolder();
        if (!std::filesystem::exists(m_folder / "retrieval_pool.safetensors"))
            QSKIP("no fixture retrieval_pool.safetensors");
    }
    void init() { test::failOnAnyWarning(); }

    void candidatesAreThoseOfTheReference_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("8") << "candidates8";
        QTest::newRow("64") << "candidates64";
    }

    void candidatesAreThoseOfTheReference()
    {
        QFETCH(QString, name);
        const auto file = tensor::readSafetensors(m_folder / "retrieval_pool.safetensors");
        QVERIFY_RESULT(file);
        const at::Tensor vectors = file->tensors.at("vectors").contiguous();
        const at::Tensor expected = file->tensors.at(name.toStdString()).contiguous();
        const at::Tensor distances = file->tensors.at("squared_distances64").contiguous();
        std::vector<std::int64_t> queries(static_cast<std::size_t>(expected.size(0)));
        std::iota(queries.begin(), queries.end(), 0);
        const std::int64_t k = expected.size(1);
        const auto found = retrieval::nearestRows(
            { vectors.const_data_ptr<float>(), static_cast<std::size_t>(vectors.numel()) },
            vectors.size(1), queries, k, {});
        QVERIFY_RESULT(found);
        QCOMPARE(found->perQuery, k);
        for (std::int64_t row = 0; row < expected.size(0); ++row)
            for (std::int64_t at = 0; at < k; ++at) {
                const auto place = static_cast<std::size_t>(row * k + at);
                const double distance = distances[row][at].item<double>();
                QVERIFY(std::abs(found->squaredDistances[place] - distance)
                    < 1e-5 * std::max(1.0, distance));
                // Equal distances may stand in any order.
                if (found->rows[place] != expected[row][at].item<std::int64_t>()) {
                    const bool tied
                        = (at > 0 && distance - distances[row][at - 1].item<double>() < 1e-9)
                        || (at + 1 < distances.size(1)
                            && distances[row][at + 1].item<double>() - distance < 1e-9);
                    QVERIFY(tied);
                }
            }
    }
};

QTEST_GUILESS_MAIN(TestRetrievalPool)
#include "tst_retrieval_pool.moc"
