//! The local API of a host: HTTP/JSON on a Unix socket, described by an OpenAPI document.
//!
//! A change is answered after it is on disk and in force. A request that does not fit is refused as a whole: nothing
//! is half-applied.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::document::{ActionDocument, HostDocument, PortDocument, SecurityDocument};
use super::status::{Changes, DropPage, HostStatus, NicStatus, Problem};

/// What the API needs of a host.
pub(crate) trait Control: Send {
    /// What the host is and does now.
    fn status(&self) -> HostStatus;
    /// Its configuration.
    fn document(&self) -> HostDocument;
    /// Makes the host what `document` says: checks it whole, writes it down, puts it in force.
    fn apply(&mut self, document: HostDocument) -> Result<Changes, ApplyError>;
    /// Ends the host after the answer; with `detach_datapath` also what of its switches would outlive it.
    fn stop(&mut self, detach_datapath: bool) -> Result<(), ApplyError>;
    /// May `port` be added, as far as the devices of this system go?
    fn check_new_port(&self, port: &PortDocument) -> Result<(), ApplyError>;
    /// The physical adapters, in the order of the configuration.
    fn nics(&self) -> Result<Vec<NicStatus>, ApplyError>;
    /// Takes the link of a physical adapter up or down. Nothing is written down.
    fn set_nic(&mut self, nic: &str, up: bool) -> Result<Changes, ApplyError>;
    /// Dropped frames after those that `since` names by vSwitch.
    fn drops(&self, since: &BTreeMap<String, u64>) -> DropPage;
}

/// Why a configuration was not put in force.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApplyError {
    /// It contradicts itself; nothing was changed.
    #[error("{0}")]
    Refused(String),
    /// The system refused something after the configuration was accepted.
    #[error("{0}")]
    Failed(String),
}

type Shared = Arc<Mutex<dyn Control>>;

/// A change of a security policy. What is absent stays as it is.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct SecurityChange {
    /// First let all three settings be inherited.
    #[serde(default)]
    pub(crate) reset: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) promiscuous: Option<ActionDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mac_changes: Option<ActionDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) forged_transmits: Option<ActionDocument>,
}

impl SecurityChange {
    fn apply_to(self, security: &mut SecurityDocument) {
        if self.reset {
            *security = SecurityDocument::default();
        }
        security.promiscuous = self.promiscuous.or(security.promiscuous);
        security.mac_changes = self.mac_changes.or(security.mac_changes);
        security.forged_transmits = self.forged_transmits.or(security.forged_transmits);
    }
}

#[derive(OpenApi)]
#[openapi(info(
    title = "nestswitch host",
    description = "The local API of one host, on its Unix socket.",
    license(name = "Apache-2.0 OR MIT")
))]
struct Document;

/// The routes, with the document that describes them under `/v1/openapi.json`.
pub(crate) fn router(host: Shared) -> axum::Router {
    let (router, document) = routes().with_state(host).split_for_parts();
    router.route("/v1/openapi.json", axum::routing::get(move || std::future::ready(Json(document.clone()))))
}

/// The OpenAPI document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}

fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(get_status))
        .routes(routes!(get_config, put_config))
        .routes(routes!(patch_vswitch_security))
        .routes(routes!(patch_port_group_security))
        .routes(routes!(get_nics))
        .routes(routes!(patch_nic))
        .routes(routes!(post_port))
        .routes(routes!(delete_port))
        .routes(routes!(post_stop))
        .routes(routes!(get_drops))
}

fn lock(host: &Shared) -> MutexGuard<'_, dyn Control + 'static> {
    host.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the host is and does now.
#[utoipa::path(get, path = "/v1/status", responses((status = 200, body = HostStatus)))]
async fn get_status(State(host): State<Shared>) -> Json<HostStatus> {
    Json(lock(&host).status())
}

/// The host's configuration.
#[utoipa::path(get, path = "/v1/config", responses((status = 200, body = HostDocument)))]
async fn get_config(State(host): State<Shared>) -> Json<HostDocument> {
    Json(lock(&host).document())
}

/// Replaces the host's configuration and changes only what differs.
#[utoipa::path(put, path = "/v1/config", request_body = HostDocument,
    responses((status = 200, body = Changes), (status = 422, body = Problem), (status = 500, body = Problem)))]
async fn put_config(State(host): State<Shared>, Json(document): Json<HostDocument>) -> Response {
    answer(lock(&host).apply(document))
}

/// Changes the security policy of a vSwitch.
#[utoipa::path(patch, path = "/v1/vswitches/{vswitch}/security", request_body = SecurityChange,
    params(("vswitch" = String, Path, description = "The vSwitch's name")),
    responses((status = 200, body = Changes), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn patch_vswitch_security(
    State(host): State<Shared>,
    Path(vswitch): Path<String>,
    Json(change): Json<SecurityChange>,
) -> Response {
    let mut host = lock(&host);
    let mut document = host.document();
    match document.vswitch_mut(&vswitch) {
        Some(found) => change.apply_to(&mut found.security),
        None => return missing(format!("host `{}` has no vSwitch `{vswitch}`", document.name)),
    }
    answer(host.apply(document))
}

/// Changes the security overrides of a port group.
#[utoipa::path(patch, path = "/v1/portgroups/{port_group}/security", request_body = SecurityChange,
    params(("port_group" = String, Path, description = "The port group's name")),
    responses((status = 200, body = Changes), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn patch_port_group_security(
    State(host): State<Shared>,
    Path(port_group): Path<String>,
    Json(change): Json<SecurityChange>,
) -> Response {
    let mut host = lock(&host);
    let mut document = host.document();
    match document.port_group_mut(&port_group) {
        Some(found) => change.apply_to(&mut found.security),
        None => return missing(format!("host `{}` has no port group `{port_group}`", document.name)),
    }
    answer(host.apply(document))
}

/// Adds a port for a guest that the host does not start.
#[utoipa::path(post, path = "/v1/ports", request_body = PortDocument,
    responses((status = 200, body = Changes), (status = 422, body = Problem), (status = 500, body = Problem)))]
async fn post_port(State(host): State<Shared>, Json(port): Json<PortDocument>) -> Response {
    let mut host = lock(&host);
    let mut document = host.document();
    document.ports.push(port);
    let refused = document.check().map_err(|error| ApplyError::Refused(error.to_string()));
    let checked =
        refused.and_then(|()| document.ports.last().map_or(Ok(()), |port| host.check_new_port(port)));
    answer(checked.and_then(|()| host.apply(document)))
}

/// Removes a port, and the TAP device that was made for it.
#[utoipa::path(delete, path = "/v1/ports/{port}",
    params(("port" = String, Path, description = "The port's name")),
    responses((status = 200, body = Changes), (status = 404, body = Problem), (status = 500, body = Problem)))]
async fn delete_port(State(host): State<Shared>, Path(port): Path<String>) -> Response {
    let mut host = lock(&host);
    let mut document = host.document();
    let before = document.ports.len();
    document.ports.retain(|other| other.name != port);
    if document.ports.len() == before {
        return missing(format!("host `{}` has no port `{port}` that was added", document.name));
    }
    answer(host.apply(document))
}

/// The physical adapters.
#[utoipa::path(get, path = "/v1/nics",
    responses((status = 200, body = Vec<NicStatus>), (status = 500, body = Problem)))]
async fn get_nics(State(host): State<Shared>) -> Response {
    lock(&host).nics().map_or_else(|error| refusal(&error), |nics| Json(nics).into_response())
}

/// What is to become of a physical adapter.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct NicChange {
    /// Its link is to be up. A link that is down ends with the next start of the host.
    pub(crate) up: bool,
}

/// Takes the link of a physical adapter up or down, as if its cable were plugged or pulled.
#[utoipa::path(patch, path = "/v1/nics/{nic}", request_body = NicChange,
    params(("nic" = String, Path, description = "The adapter's name")),
    responses((status = 200, body = Changes), (status = 404, body = Problem), (status = 500, body = Problem)))]
async fn patch_nic(
    State(host): State<Shared>,
    Path(nic): Path<String>,
    Json(change): Json<NicChange>,
) -> Response {
    let mut host = lock(&host);
    let document = host.document();
    if !document.pnics.contains(&nic) {
        return missing(format!("host `{}` has no physical adapter `{nic}`", document.name));
    }
    answer(host.set_nic(&nic, change.up))
}

/// How a host is to stop.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct StopRequest {
    /// Also end the switches that the kernel engine would let go on.
    #[serde(default)]
    pub(crate) detach_datapath: bool,
}

/// Stops the host. Its VMs end with it; ports that were added stay for the next start.
#[utoipa::path(post, path = "/v1/stop", request_body = StopRequest,
    responses((status = 200, body = Changes), (status = 500, body = Problem)))]
async fn post_stop(State(host): State<Shared>, Json(how): Json<StopRequest>) -> Response {
    answer(lock(&host).stop(how.detach_datapath).map(|()| Changes::default()))
}

/// The dropped frames that are still in the ring, oldest first. `since` is the `next` of the last answer.
#[utoipa::path(get, path = "/v1/drops",
    params(("since" = Option<String>, Query, description = "vSwitch=sequence, separated by commas")),
    responses((status = 200, body = DropPage)))]
async fn get_drops(
    State(host): State<Shared>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Json<DropPage> {
    let since = query.get("since").map_or("", String::as_str);
    let since = since
        .split(',')
        .filter_map(|pair| pair.rsplit_once('='))
        .filter_map(|(vswitch, sequence)| Some((vswitch.to_owned(), sequence.parse().ok()?)))
        .collect();
    Json(lock(&host).drops(&since))
}

fn answer(result: Result<Changes, ApplyError>) -> Response {
    result.map_or_else(|error| refusal(&error), |changes| Json(changes).into_response())
}

fn refusal(error: &ApplyError) -> Response {
    let status = match error {
        ApplyError::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
        ApplyError::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    problem(status, error.to_string())
}

fn missing(error: String) -> Response {
    problem(StatusCode::NOT_FOUND, error)
}

fn problem(status: StatusCode, error: String) -> Response {
    (status, Json(Problem { error })).into_response()
}
