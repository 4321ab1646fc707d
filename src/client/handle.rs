//! A client for one platform, as others hold it: what makes its reads and its writes.

use std::sync::{Arc, Mutex};

use super::clock::Clock;
use super::core::Core;
use super::flights::Flights;
use super::memo::Memo;
use super::meter::Meter;
use super::platform::PlatformAccess;
use super::rate::Rate;
use super::reader::Reader;
use super::tickets::Tickets;
use super::token::{StoreTokens, TokenSource};
use super::transport::{NoTransport, Transport};
use super::troubles::Troubles;
use super::writer::Writer;
use crate::store::Store;

/// A client for one platform.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) core: Arc<Core>,
}

impl Client {
    /// A client whose tokens live in a store. `owner` names this process where only one may work at a time.
    ///
    /// # Errors
    /// [`NoTransport`] where TLS cannot be set up.
    pub fn new(
        platform: PlatformAccess,
        store: Store,
        clock: Arc<dyn Clock>,
        owner: String,
    ) -> Result<Self, NoTransport> {
        Self::counting(platform, store, clock, owner, Meter::default())
    }

    /// [`Client::new`], counting what it asks WeChat for.
    ///
    /// # Errors
    /// [`NoTransport`] where TLS cannot be set up.
    pub fn counting(
        platform: PlatformAccess,
        store: Store,
        clock: Arc<dyn Clock>,
        owner: String,
        meter: Meter,
    ) -> Result<Self, NoTransport> {
        let transport = Transport::new(platform.api_base.clone(), Arc::clone(&clock))?;
        let transport = transport.counting(meter);
        let tokens = StoreTokens::new(
            platform.clone(),
            store.clone(),
            Arc::clone(&clock),
            transport.clone(),
            owner,
        );
        let troubles = Arc::clone(&tokens.troubles);
        let tokens = Arc::new(tokens);
        Ok(Self::of(
            platform, store, transport, tokens, troubles, clock,
        ))
    }

    /// A client whose tokens come from elsewhere.
    #[must_use]
    pub fn with_tokens(
        platform: PlatformAccess,
        store: Store,
        transport: Transport,
        tokens: Arc<dyn TokenSource>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let troubles = Troubles::new(platform.appid.clone(), Arc::clone(&clock));
        let troubles = Arc::new(troubles);
        Self::of(platform, store, transport, tokens, troubles, clock)
    }

    fn of(
        platform: PlatformAccess,
        store: Store,
        transport: Transport,
        tokens: Arc<dyn TokenSource>,
        troubles: Arc<Troubles>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            core: Arc::new(Core {
                platform,
                store,
                transport,
                tokens,
                troubles,
                rate: Rate::new(Arc::clone(&clock)),
                exchanges: Flights::default(),
                gained: Mutex::default(),
                turns: Flights::default(),
                memo: Memo::default(),
                tickets: Tickets::default(),
                clock,
            }),
        }
    }

    /// What observes. It cannot write.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.core))
    }

    /// What changes accounts.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::new(Arc::clone(&self.core))
    }

    /// The platform.
    #[must_use]
    pub fn platform(&self) -> &PlatformAccess {
        &self.core.platform
    }

    /// The one clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.core.clock
    }
}
