// SPDX-License-Identifier: MIT
// The registers of the RP2040 that the firmware uses, under the names of its data sheet. Peripherals on the APB and AHB
// have aliases that set or clear bits in one write (data sheet 2.1.2).
#ifndef RP2040_H
#define RP2040_H

#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))
#define SET(address) REG((address) + 0x2000u)
#define CLR(address) REG((address) + 0x3000u)

#define XOSC_HZ 12000000u

// 2.14 subsystem resets, 2.13 power-on state machine
#define RESETS_RESET 0x4000c000u
#define RESETS_RESET_DONE 0x4000c008u
#define RESETS_IO_BANK0 (1u << 5)
#define RESETS_PADS_BANK0 (1u << 8)
#define RESETS_PLL_SYS (1u << 12)
#define RESETS_SPI0 (1u << 16)
#define RESETS_TIMER (1u << 21)
#define RESETS_UART0 (1u << 22)
#define PSM_WDSEL 0x40010008u
#define PSM_ALL 0x1ffffu
#define PSM_ROSC (1u << 0)
#define PSM_XOSC (1u << 1)

// 2.15 clocks, 2.16 crystal oscillator, 2.17 ring oscillator, 2.18 PLL
#define CLK_REF_CTRL 0x40008030u
#define CLK_REF_SELECTED 0x40008038u
#define CLK_REF_SRC 3u
#define CLK_REF_XOSC 2u
#define CLK_SYS_CTRL 0x4000803cu
#define CLK_SYS_SELECTED 0x40008044u
#define CLK_SYS_AUX 1u // AUXSRC 0: pll_sys
#define CLK_PERI_CTRL 0x40008048u
#define CLK_PERI_ENABLE (1u << 11) // AUXSRC 0: clk_sys
#define XOSC_CTRL 0x40024000u
#define XOSC_STATUS 0x40024004u
#define XOSC_STARTUP 0x4002400cu
#define XOSC_ENABLE (0xfabu << 12)
#define XOSC_1_15MHZ 0xaa0u
#define XOSC_STABLE (1u << 31)
#define ROSC_RANDOMBIT 0x4006001cu
#define PLL_SYS_CS 0x40028000u
#define PLL_SYS_PWR 0x40028004u
#define PLL_SYS_FBDIV_INT 0x40028008u
#define PLL_SYS_PRIM 0x4002800cu
#define PLL_LOCK (1u << 31)
#define PLL_PD (1u << 0)
#define PLL_POSTDIVPD (1u << 3)
#define PLL_VCOPD (1u << 5)

// 2.19 GPIO, 2.3.1 SIO
#define GPIO_CTRL(n) (0x40014004u + 8u * (n))
#define GPIO_FUNC_SPI 1u
#define GPIO_FUNC_UART 2u
#define GPIO_FUNC_SIO 5u
#define GPIO_PROC0_INTE(n) (0x40014100u + 4u * ((n) / 8u))
#define GPIO_LEVEL_LOW(n) (1u << 4u * ((n) % 8u))
#define PADS_GPIO(n) (0x4001c004u + 4u * (n))
#define PAD_OUTPUT 0x56u  // 4 mA, Schmitt trigger, input enabled, pull-down
#define PAD_INPUT_UP 0xdau // the same with pull-up, output disabled
#define SIO_GPIO_IN REG(0xd0000004u)
#define SIO_GPIO_OUT_SET REG(0xd0000014u)
#define SIO_GPIO_OUT_CLR REG(0xd0000018u)
#define SIO_GPIO_OUT_XOR REG(0xd000001cu)
#define SIO_GPIO_OE_SET REG(0xd0000024u)
#define GPIO_QSPI_SS_CTRL 0x4001800cu
#define OUTOVER_LOW (2u << 8)
#define OUTOVER_HIGH (3u << 8)

// 4.2 UART
#define UARTDR 0x40034000u
#define UARTFR 0x40034018u
#define UARTFR_TXFF (1u << 5)
#define UARTFR_BUSY (1u << 3)
#define UARTIBRD 0x40034024u
#define UARTFBRD 0x40034028u
#define UARTLCR_H 0x4003402cu
#define UARTLCR_8N1_FIFO 0x70u
#define UARTCR 0x40034030u
#define UARTCR_TX_ON 0x301u

// 4.4 SPI
#define SSPCR0 0x4003c000u
#define SSPCR1 0x4003c004u
#define SSPCR1_SSE (1u << 1)
#define SSPDR 0x4003c008u
#define SSPSR 0x4003c00cu
#define SSPSR_RNE (1u << 2)
#define SSPSR_BSY (1u << 4)
#define SSPCPSR 0x4003c010u

// 4.6 timer, 4.7 watchdog
#define TIMER_ALARM0 0x40054010u
#define TIMER_TIMERAWL 0x40054028u
#define TIMER_INTR 0x40054034u
#define TIMER_INTE 0x40054038u
#define WATCHDOG_CTRL 0x40058000u
#define WATCHDOG_TRIGGER (1u << 31)
#define WATCHDOG_ENABLE (1u << 30)
#define WATCHDOG_PAUSE_DBG (7u << 24)
#define WATCHDOG_LOAD 0x40058004u
#define WATCHDOG_REASON 0x40058008u
#define WATCHDOG_SCRATCH(n) (0x4005800cu + 4u * (n))
#define WATCHDOG_TICK 0x4005802cu
#define WATCHDOG_TICK_ENABLE (1u << 9)

// 4.10 SSI
#define SSI_CTRLR0 0x18000000u
#define SSI_SSIENR 0x18000008u
#define SSI_SR 0x18000028u
#define SSI_SR_TFNF (1u << 1)
#define SSI_SR_RFNE (1u << 3)
#define SSI_DR0 0x18000060u

// 2.4 Cortex-M0+
#define NVIC_ISER 0xe000e100u
#define NVIC_ICPR 0xe000e280u
#define IRQ_TIMER_0 (1u << 0)
#define IRQ_IO_BANK0 (1u << 13)
#define MPU_CTRL 0xe000ed94u
#define MPU_CTRL_ENABLE 5u // with the default map for what no region covers
#define MPU_RBAR 0xe000ed9cu
#define MPU_RBAR_VALID (1u << 4)
#define MPU_RASR 0xe000eda0u
#define MPU_RASR_256_NO_ACCESS ((1u << 28) | (7u << 1) | 1u)

#endif
