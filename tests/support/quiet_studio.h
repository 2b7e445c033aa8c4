#pragma once

#include "app/studio/job_service.h"
#include "app/studio/model_service.h"
#include "app/studio/navigator.h"
#include "app/studio/preferences.h"
#include "app/studio/project_session.h"
#include "app/studio/services.h"
#include "app/studio/waveform_service.h"
#include "widgets/results/thumbnail_source.h"

namespace clipscope::test {

/// A model that is never there and never asked in vain.
class QuietModel final : public studio::ModelService
{
public:
    const studio::ModelState& state() const override { return m_state; }
    void openProject(const std::filesystem::path&, const QString&) override { }
    void refresh() override { }
    void search(const QString& query) override { searches += query; }
    void strips(const QString&, const QList<qint64>&) override { }
    void suggest() override { }
    void label(qint64, const labels::LabelSet&, const labels::SegmenterOptions&) override { }
    void become(const studio::ModelState& state)
    {
        m_state = state;
        Q_EMIT stateChanged(m_state);
    }

    QStringList searches;

private:
    studio::ModelState m_state;
};

/// One grey picture for everything, at once.
class GreyPictures final : public widgets::ThumbnailSource
{
public:
    QImage thumbnail(const widgets::ThumbnailKey& key) override
    {
        QImage image(key.size, QImage::Format_RGB32);
        image.fill(Qt::gray);
        return image;
    }
};

/// The services of a window without a model and without anything of the user's.
struct QuietStudio
{
    explicit QuietStudio(const QString& preferencesFile, const QString& program = {})
        : jobs(project, program)
        , preferences(preferencesFile)
    {
    }

    studio::ProjectSession project;
    studio::JobService jobs;
    QuietModel model;
    GreyPictures pictures;
    studio::WaveformService waveforms;
    studio::Preferences preferences;
    studio::Navigator navigator;
    studio::Services services{ project, jobs, model, pictures, waveforms, preferences, navigator };
};

} // namespace clipscope::test
