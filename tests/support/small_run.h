#pragma once

#include "base/files.h"
#include "jobs/pretrain.h"
#include "store/run_folder.h"
#include "support/made_up_films.h"

#include <QProcess>
#include <QStringList>

#include <memory>
#include <string>
#include <vector>

namespace clipscope::test {

/// Trainings of the program on made-up films, with a model small enough to make hundreds of steps a
/// second.
class SmallRun final
{
public:
    /// Makes project, vocabulary and config file in `folder`.
    Status make(const std::filesystem::path& folder)
    {
        m_project = folder / "films.clipscope";
        m_vocabulary = folder / "vocab.txt";
        m_config = folder / "config.toml";
        CLIP_TRY(makeFilms(m_project, { .films = 16 }));
        CLIP_TRY(writeFileAtomically(m_vocabulary, madeUpVocabulary()));
        auto written = settings();
        return writeFileAtomically(m_config, settingsTable(written).toToml());
    }

    const std::filesystem::path& project() const { return m_project; }

    jobs::PretrainSettings settings() const
    {
        jobs::PretrainSettings settings;
        settings.project = m_project;
        settings.encoder = "made-up";
        settings.vocabulary = utf8(m_vocabulary);
        settings.width = 32;
        settings.feedForward = 64;
        settings.heads = 4;
        settings.videoLayers = settings.textLayers = 1;
        settings.batchVideos = 8;
        settings.pairsPerVideo = 2;
        settings.textBudgetLow = 2;
        settings.textBudgetHigh = 5;
        settings.videoSecondsLow = 2;
        settings.videoSecondsHigh = 4;
        settings.learningRate = 5e-3;
        settings.warmupSteps = 5;
        settings.steps = 60;
        settings.evaluateEvery = 20;
        settings.checkpointEvery = 10;
        settings.device = tensor::DeviceWish::Cpu;
        return settings;
    }

    /// Arguments of a new run: its name unless that is empty, and KEY=VALUE changes.
    QStringList fresh(const QString& name, const QStringList& changes) const
    {
        QStringList arguments{ "--config", QString::fromStdString(utf8(m_config)) };
        if (!name.isEmpty())
            arguments << "--run" << name;
        for (const QString& change : changes)
            arguments << "--set" << change;
        return arguments;
    }

    /// `pretrain PROJECT ARGUMENTS`; both outputs come as one.
    std::unique_ptr<QProcess> start(const QStringList& arguments,
        const QProcessEnvironment& environment = QProcessEnvironment::systemEnvironment()) const
    {
        auto process = std::make_unique<QProcess>();
        process->setProcessEnvironment(environment);
        process->setProcessChannelMode(QProcess::MergedChannels);
        process->start(qEnvironmentVariable("CLIPSCOPE_CLI"),
            QStringList{ "pretrain", QString::fromStdString(utf8(m_project)) } + arguments);
        return process;
    }

    /// Requires that there is one.
    store::RunFolder run(const std::string& name) const
    {
        return std::move(*store::RunFolder::open(m_project / "runs" / name));
    }

    /// The losses of steps 1, 2, ... on record; none when there is no such run yet.
    std::vector<double> losses(const std::string& name) const
    {
        std::vector<double> losses;
        const auto folder = store::RunFolder::open(m_project / "runs" / name);
        const auto metrics = folder ? folder->readMetrics() : Result<store::MetricsChunk>();
        if (!metrics)
            return losses;
        for (const store::MetricsRow& row : metrics->rows)
            for (const auto& [key, value] : row.values)
                if (key == "loss") {
                    losses.resize(
                        std::max(losses.size(), static_cast<std::size_t>(row.step)), -1.0);
                    losses[static_cast<std::size_t>(row.step) - 1] = value;
                }
        return losses;
    }

private:
    std::filesystem::path m_project, m_vocabulary, m_config;
};

} // namespace clipscope::test
