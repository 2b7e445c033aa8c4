#include "train/optimiser.h"

#include "support/test_device.h"
#include "support/verify.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>

#include <cmath>
#include <memory>
#include <string_view>

using namespace clipscope;

class TestOptimiser final : public QObject
{
    Q_OBJECT

private:
    at::TensorOptions m_on; ///< the device of this run

private Q_SLOTS:
    void initTestCase()
    {
        const auto device = test::testDevice();
        if (!device)
            QSKIP(device.error().message.c_str());
        m_on = at::TensorOptions(*device).dtype(at::kFloat);
    }
    void init() { test::failOnAnyWarning(); }

    void theFirstUpdateHasRateZeroAndTheLastToo()
    {
        const train::Schedule schedule{ 1e-3, 10, 110 };
        QCOMPARE(schedule.rateAfter(0), 0.0);
        QCOMPARE(schedule.rateAfter(5), 5e-4);
        QCOMPARE(schedule.rateAfter(10), 1e-3);
        QVERIFY(std::abs(schedule.rateAfter(60) - 5e-4) < 1e-12);
        QCOMPARE(schedule.rateAfter(110), 0.0);
        QCOMPARE(schedule.rateAfter(111), 0.0);
    }

    void withoutWarmUpItStartsAtTheFullRate()
    {
        const train::Schedule schedule{ 1e-3, 0, 100 };
        QCOMPARE(schedule.rateAfter(0), 1e-3);
    }

    void longGradientsAreScaledDown()
    {
        QCOMPARE(train::clipFactor(1.0, 2.0), 1.0);
        QVERIFY(std::abs(train::clipFactor(8.0, 2.0) - 0.25) < 1e-6);
    }

    void theNormIsThatOfAllGradientsTogether()
    {
        at::manual_seed(3);
        std::vector<tensor::NamedTensor> parameters;
        double squares = 0.0;
        for (const std::int64_t size : { 1, 70000, 3, 512 }) {
            at::Tensor weight = at::zeros({ size }, m_on);
            weight.mutable_grad() = at::randn({ size }, m_on);
            const double norm = weight.grad().norm().item<double>();
            squares += norm * norm;
            parameters.push_back({ "w", weight });
        }
        parameters.push_back({ "unused", at::zeros({ 5 }, m_on) });
        const double norm = train::gradientNorm(parameters);
        if (m_on.device().is_cpu()) // a card adds in another order when it takes them together
            QCOMPARE(norm, std::sqrt(squares));
        QVERIFY(std::abs(norm - std::sqrt(squares)) <= 1e-6 * norm);
        QCOMPARE(train::gradientNorm({ { "unused", at::zeros({ 5 }, m_on) } }), 0.0);
    }

    void theNormIsReadFromTheDeviceAtOnce()
    {
        std::vector<tensor::NamedTensor> parameters;
        for (int at = 0; at < 20; ++at) {
            at::Tensor weight = at::zeros({ 4 }, m_on);
            weight.mutable_grad() = at::ones({ 4 }, m_on);
            parameters.push_back({ "w", weight });
        }
        static int reads = 0;
        reads = 0;
        const auto handle = at::addThreadLocalCallback(
            at::RecordFunctionCallback([](const at::RecordFunction& function) {
                reads += std::string_view(function.name()) == "aten::_local_scalar_dense" ? 1 : 0;
                return std::unique_ptr<at::ObserverContext>();
            }));
        (void)at::ones({ 1 }, m_on).item<float>();
        QCOMPARE(reads, 1); // they are counted
        QCOMPARE(train::gradientNorm(parameters), std::sqrt(80.0));
        at::removeCallback(handle);
        QCOMPARE(reads, 1);
    }

    void epsIsAddedBeforeTheBiasIsCorrected()
    {
        at::Tensor weight = at::zeros({ 1 }, m_on);
        train::Adam adam({ { "w", weight } }, { 0.9, 0.98, 1.0 });
        weight.mutable_grad() = at::full({ 1 }, 0.5f, m_on);
        adam.step(0.1, 1.0);
        // m = 0.05, v = 0.005: 0.1 * sqrt(0.02) / 0.1 * 0.05 / (sqrt(0.005) + 1)
        const double expected = -std::sqrt(0.02) * 0.05 / (std::sqrt(0.005) + 1.0);
        QVERIFY(std::abs(weight.item<double>() - expected) < 1e-8);
    }

    void weightsWithoutGradientStay()
    {
        at::Tensor weight = at::ones({ 3 }, m_on);
        train::Adam adam({ { "w", weight } }, {});
        adam.step(0.1, 1.0);
        QVERIFY(at::equal(weight, at::ones({ 3 }, m_on)));
    }

    void goesOnFromItsExportedState()
    {
        const auto run = [](train::Adam& adam, at::Tensor& weight, int from, int to) {
            for (int step = from; step < to; ++step) {
                weight.mutable_grad() = at::sin(weight + step);
                adam.step(0.01, 0.7);
            }
        };
        at::Tensor whole = at::arange(100, m_on), half = whole.clone();
        train::Adam first({ { "w", whole } }, {});
        run(first, whole, 0, 20);
        train::Adam second({ { "w", half } }, {});
        run(second, half, 0, 10);
        tensor::TensorFile file;
        second.exportTo(file);
        train::Adam third({ { "w", half } }, {});
        QVERIFY_RESULT(third.importFrom(file, "state"));
        QCOMPARE(third.updates(), std::int64_t(10));
        run(third, half, 10, 20);
        QVERIFY(at::equal(whole, half));
    }

    void refusesTheStateOfAnotherModel()
    {
        at::Tensor weight = at::ones({ 3 });
        train::Adam adam({ { "w", weight } }, {});
        tensor::TensorFile file;
        QVERIFY_ERROR(adam.importFrom(file, "state"), ErrorKind::BadInput);
        adam.exportTo(file);
        file.tensors["adam.second.w"] = at::ones({ 4 });
        const auto status = adam.importFrom(file, "state");
        QVERIFY_ERROR(status, ErrorKind::BadInput);
        QCOMPARE(status.error().place.where, std::string("tensor adam.second.w"));
    }
};

QTEST_GUILESS_MAIN(TestOptimiser)
#include "tst_optimiser.moc"
