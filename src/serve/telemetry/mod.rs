//! Traces and metrics for a collector, over OTLP, where the user names one: what the GenAI conventions of OpenTelemetry say
//! of a call to a model. Never a text of a prompt or an answer.
//!
//! A request that is over leaves a [`Told`] in a bounded queue and goes on; what finds no room is counted and dropped. One
//! task takes it out, counts it in the histograms and sends spans in batches; a thread of the SDK sends the histograms.

mod meters;
mod names;
mod span;
mod told;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use opentelemetry_http::HttpClient;
use opentelemetry_otlp::{MetricExporter, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use self::meters::Meters;
use self::names::Place;
pub(super) use self::told::{Told, Trace};
use super::board::head;
use super::desk::Desk;

/// Requests that are over and not looked at yet, and spans that wait for the collector: so many of each.
const MOST: usize = 2_048;
/// Spans that are sent at once.
const BATCH: usize = 512;

/// Where one kind of telemetry goes.
#[derive(Debug)]
pub struct Way {
    /// The whole address.
    pub url: String,
    /// What carries it.
    pub client: Arc<dyn HttpClient>,
    /// From one sending to the next.
    pub every: Duration,
}

/// Where telemetry goes.
#[derive(Debug)]
pub struct Collector {
    /// Traces, where they are wanted.
    pub traces: Option<Way>,
    /// Metrics, where they are wanted.
    pub metrics: Option<Way>,
    /// How long the collector may take.
    pub within: Duration,
    /// What this monster is called there.
    pub service: String,
}

/// What goes out.
pub struct Telemetry {
    queue: mpsc::Sender<Told>,
    counts: Arc<Counts>,
    places: Arc<RwLock<HashMap<String, Place>>>,
    /// Not to be dropped: the SDK's last one would wait for the collector, however little time is left.
    meters: ManuallyDrop<Option<SdkMeterProvider>>,
    hurry: Arc<Notify>,
    last: Arc<Notify>,
    worker: Mutex<JoinSet<()>>,
}

#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    dropped: AtomicU64,
}

impl Counts {
    fn lose(&self, spans: usize) {
        self.dropped.fetch_add(spans as u64, Ordering::Relaxed);
    }
}

impl Telemetry {
    /// Begins to send; to be called where there is a runtime.
    ///
    /// # Errors
    /// A sentence: an address that is none.
    pub fn open(collector: Collector) -> Result<Arc<Self>, String> {
        let Collector { traces, metrics, within, service } = collector;
        let resource = Resource::builder()
            .with_service_name(service)
            .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let counts: Arc<Counts> = Arc::default();
        let (mut meters, mut provider) = (None, None);
        if let Some(way) = metrics {
            let exporter = MetricExporter::builder()
                .with_http()
                .with_shared_http_client(way.client)
                .with_endpoint(way.url)
                .with_protocol(Protocol::HttpBinary)
                .with_timeout(within)
                .build()
                .map_err(|error| error.to_string())?;
            let reader = PeriodicReader::builder(exporter).with_interval(way.every).build();
            let made = SdkMeterProvider::builder().with_reader(reader).with_resource(resource.clone()).build();
            meters = Some(Meters::of(&made));
            provider = Some(made);
        }
        let (mut sender, mut every) = (None, Duration::from_secs(60));
        if let Some(way) = traces {
            every = way.every;
            let mut exporter = SpanExporter::builder()
                .with_http()
                .with_shared_http_client(way.client)
                .with_endpoint(way.url)
                .with_protocol(Protocol::HttpBinary)
                .with_timeout(within)
                .build()
                .map_err(|error| error.to_string())?;
            exporter.set_resource(&resource);
            sender =
                Some(Sender { exporter: Arc::new(exporter), waiting: Vec::new(), under_way: JoinSet::new(), count: 0 });
        }
        let (queue, told) = mpsc::channel(MOST);
        let (hurry, last, places) = (Arc::<Notify>::default(), Arc::<Notify>::default(), Arc::default());
        let worker = Worker {
            told,
            sender,
            meters,
            counts: Arc::clone(&counts),
            places: Arc::clone(&places),
            hurry: Arc::clone(&hurry),
            last: Arc::clone(&last),
        };
        let mut all = JoinSet::new();
        all.spawn(worker.run(every.max(Duration::from_millis(10))));
        let meters = ManuallyDrop::new(provider);
        Ok(Arc::new(Self { queue, counts, places, meters, hurry, last, worker: Mutex::new(all) }))
    }

    /// Where upstreams lie, as they are now.
    pub(super) fn learn(&self, desk: &Desk) {
        let upstreams = desk.client.landscape.upstreams.iter();
        let places = upstreams.map(|up| (up.name.clone(), Place::of(&up.provider, &up.base_url))).collect();
        *self.places.write().unwrap_or_else(PoisonError::into_inner) = places;
    }

    /// A request is over. Nobody waits for anything here.
    pub(super) fn tell(&self, told: Told) {
        if let Err(mpsc::error::TrySendError::Full(told) | mpsc::error::TrySendError::Closed(told)) =
            self.queue.try_send(told)
        {
            self.counts.lose(told.spans());
        }
    }

    /// What was told so far goes out now.
    pub fn flush(&self) {
        self.hurry.notify_one();
    }

    /// Sends what is left, within this time. Whether all of it was taken.
    pub async fn close(&self, within: Duration) -> bool {
        self.last.notify_one();
        let mut worker = std::mem::take(&mut *self.worker.lock().unwrap_or_else(PoisonError::into_inner));
        let meters = ManuallyDrop::into_inner(self.meters.clone());
        let work = async move {
            let spans = worker.join_next().await.is_none_or(|ended| ended.is_ok());
            // The SDK's thread is waited for, and it may wait for the collector: no runtime that ends waits for that.
            let (sent, sums) = oneshot::channel();
            let shut = move || {
                let _ = sent.send(meters.is_none_or(|meters| meters.shutdown().is_ok()));
            };
            let thread = std::thread::Builder::new().name("telemetry".to_owned()).spawn(shut);
            spans && thread.is_ok() && sums.await.unwrap_or(false)
        };
        timeout(within, work).await.unwrap_or(false) && self.counts.dropped.load(Ordering::Relaxed) == 0
    }

    /// How it stands, as Prometheus reads it.
    pub(super) fn write(&self, out: &mut String) {
        let counts = [
            ("sent", "Spans that the collector took.", &self.counts.sent),
            ("dropped", "Spans that found no room, or that the collector did not take.", &self.counts.dropped),
        ];
        for (word, help, count) in counts {
            let name = format!("monster_telemetry_{word}_total");
            let count = count.load(Ordering::Relaxed);
            head(out, &name, "counter", help);
            let _ = writeln!(out, "{name} {count}");
        }
    }
}

impl std::fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Telemetry")
    }
}

/// Sends spans, one batch at a time.
struct Sender {
    exporter: Arc<SpanExporter>,
    waiting: Vec<SpanData>,
    /// A batch on its way, at most one, and how many they are.
    under_way: JoinSet<bool>,
    count: usize,
}

impl Sender {
    /// Sends what waits, unless something is on its way.
    fn send(&mut self) {
        if !self.under_way.is_empty() || self.waiting.is_empty() {
            return;
        }
        let batch: Vec<SpanData> = self.waiting.drain(..self.waiting.len().min(BATCH)).collect();
        let exporter = Arc::clone(&self.exporter);
        self.count = batch.len();
        self.under_way.spawn(async move { exporter.export(batch).await.is_ok() });
    }

    /// Waits for what is on its way; for ever, if nothing is.
    async fn arrived(&mut self, counts: &Counts) {
        match self.under_way.join_next().await {
            None => std::future::pending().await,
            Some(Ok(true)) => drop(counts.sent.fetch_add(self.count as u64, Ordering::Relaxed)),
            Some(_) => counts.lose(self.count),
        }
    }
}

/// What becomes of it.
enum Next {
    Told(Option<Box<Told>>),
    /// It is time to send.
    Now,
    Last,
}

/// Takes out what was told.
struct Worker {
    told: mpsc::Receiver<Told>,
    sender: Option<Sender>,
    meters: Option<Meters>,
    counts: Arc<Counts>,
    places: Arc<RwLock<HashMap<String, Place>>>,
    hurry: Arc<Notify>,
    last: Arc<Notify>,
}

impl Worker {
    async fn run(mut self, every: Duration) {
        let mut tick = interval(every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let arrived = async {
                match &mut self.sender {
                    Some(sender) => sender.arrived(&self.counts).await,
                    None => std::future::pending().await,
                }
            };
            let next = tokio::select! {
                told = self.told.recv() => Next::Told(told.map(Box::new)),
                _ = tick.tick() => Next::Now,
                () = self.hurry.notified() => Next::Now,
                () = arrived => Next::Now,
                () = self.last.notified() => Next::Last,
            };
            match next {
                Next::Told(Some(told)) => self.take(&told),
                Next::Now => self.sender.iter_mut().for_each(Sender::send),
                Next::Told(None) | Next::Last => break,
            }
        }
        // What was told until now is the last.
        self.told.close();
        while let Some(told) = self.told.recv().await {
            self.take(&told);
        }
        if let Some(sender) = &mut self.sender {
            while !sender.under_way.is_empty() || !sender.waiting.is_empty() {
                sender.send();
                sender.arrived(&self.counts).await;
            }
        }
    }

    fn take(&mut self, told: &Told) {
        let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(meters) = &self.meters {
            meters.count(told, &places);
        }
        let Some(sender) = &mut self.sender else { return };
        if sender.waiting.len() + told.spans() > MOST {
            self.counts.lose(told.spans());
            return;
        }
        sender.waiting.extend(span::spans(told, &places));
        if sender.waiting.len() >= BATCH {
            sender.send();
        }
    }
}

#[cfg(test)]
mod tests;
